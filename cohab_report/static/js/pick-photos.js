/* Photos are made small on the phone before they leave. The field itself holds what will be sent, so the form needs to know nothing of this. */
import { made } from "./shrink-photo.js";

export function wake(box) {
  const field = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-photos]");
  const status = box.querySelector("[data-photos-status]");
  const words = box.dataset;
  const most = Number(words.most);
  let chosen = [];
  // One after the other: a phone never holds two big pictures at once.
  let queue = Promise.resolve();

  // What was chosen is in the field at once, and grows small there: whoever sends in between sends it as it is.
  function add(files) {
    const taken = files.slice(0, most - chosen.length).map((file) => ({ file, picture: null, row: null }));
    chosen = [...chosen, ...taken];
    const aside = taken.length < files.length ? [words.textFull] : [];
    show(aside);
    for (const photo of taken) {
      queue = queue.then(() => shrink(photo, aside));
    }
  }

  async function shrink(photo, aside) {
    if (!chosen.includes(photo)) {
      return;
    }
    say([told(words.textWorking, chosen.indexOf(photo) + 1)]);
    Object.assign(photo, await made(photo.file));
    if (!chosen.includes(photo)) {
      return;
    }
    if (photo.picture) {
      photo.row.prepend(photo.picture);
    }
    const ready = told(photo.picture ? words.textReady : words.textAsIs, chosen.indexOf(photo) + 1);
    show([ready, told(words.textLeft, chosen.length), ...aside]);
  }

  function remove(photo) {
    chosen = chosen.filter((each) => each !== photo);
    photo.row.remove();
    show([words.textRemoved, told(words.textLeft, chosen.length)]);
    field.focus();
  }

  // Rows stay where they are, so that nobody loses the button that they stand on.
  function show(spoken) {
    const kept = new DataTransfer();
    chosen.forEach((photo, index) => {
      kept.items.add(photo.file);
      photo.row ??= list.appendChild(row(photo));
      photo.row.querySelector("p").textContent = told(words.textOne, index + 1);
      photo.row.querySelector("button").textContent = told(words.textRemove, index + 1);
    });
    field.files = kept.files;
    list.hidden = chosen.length === 0;
    say(spoken);
  }

  function row(photo) {
    const item = document.createElement("li");
    const beside = document.createElement("div");
    const button = document.createElement("button");
    beside.className = "photo-words";
    button.type = "button";
    button.className = "button button--quiet";
    button.addEventListener("click", () => remove(photo));
    beside.append(document.createElement("p"), button);
    item.append(beside);
    return item;
  }

  function say(spoken) {
    status.textContent = spoken.join(" ");
  }

  field.addEventListener("change", () => add([...field.files]));
  // Somebody may have been quicker than this script.
  if (field.files.length > 0) add([...field.files]);
}

function told(text, number) {
  return text.replace("#", number);
}
