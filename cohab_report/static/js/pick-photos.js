/* Photos are made small on the phone before they leave. The field itself holds what will be sent, so the form needs to
   know nothing of this. */
import { shrinkPhoto } from "./shrink-photo.js";

/** @typedef {{ file: File, picture: HTMLCanvasElement | null, row: HTMLElement | null }} PickedPhoto */

/** @param {TemplateElement} box */
export function wake(box) {
  const field = box.querySelector("input[type=file]");
  const list = box.querySelector("[data-photos]");
  const status = box.querySelector("[data-photos-status]");
  const texts = box.dataset;
  const most = Number(texts.most);
  /** @type {PickedPhoto[]} */
  let photos = [];
  // One after the other: a phone never holds two big pictures at once.
  let queue = Promise.resolve();

  /**
   * What was picked is in the field at once, and grows small there: whoever sends in between sends it as it is.
   * @param {File[]} files
   */
  function add(files) {
    /** @type {PickedPhoto[]} */
    const newPhotos = files.slice(0, most - photos.length).map((file) => ({ file, picture: null, row: null }));
    photos = [...photos, ...newPhotos];
    const remarks = newPhotos.length < files.length ? [texts.textFull] : [];
    show(remarks);
    for (const photo of newPhotos) {
      queue = queue.then(() => shrink(photo, remarks));
    }
  }

  /** @param {PickedPhoto} photo @param {string[]} remarks */
  async function shrink(photo, remarks) {
    if (!photos.includes(photo)) {
      return;
    }
    say([withNumber(texts.textWorking, photos.indexOf(photo) + 1)]);
    Object.assign(photo, await shrinkPhoto(photo.file));
    if (!photos.includes(photo)) {
      return;
    }
    if (photo.picture) {
      photo.row?.prepend(photo.picture);
    }
    const ready = withNumber(photo.picture ? texts.textReady : texts.textAsIs, photos.indexOf(photo) + 1);
    show([ready, withNumber(texts.textLeft, photos.length), ...remarks]);
  }

  /** @param {PickedPhoto} photo */
  function remove(photo) {
    photos = photos.filter((each) => each !== photo);
    photo.row?.remove();
    show([texts.textRemoved, withNumber(texts.textLeft, photos.length)]);
    field.focus();
  }

  /**
   * Rows stay where they are, so that nobody loses the button that they stand on.
   * @param {string[]} sentences
   */
  function show(sentences) {
    const files = new DataTransfer();
    photos.forEach((photo, index) => {
      files.items.add(photo.file);
      photo.row ??= list.appendChild(newRow(photo));
      photo.row.querySelector("p").textContent = withNumber(texts.textOne, index + 1);
      photo.row.querySelector("button").textContent = withNumber(texts.textRemove, index + 1);
    });
    field.files = files.files;
    list.hidden = photos.length === 0;
    say(sentences);
  }

  /** @param {PickedPhoto} photo */
  function newRow(photo) {
    const row = document.createElement("li");
    const beside = document.createElement("div");
    const button = document.createElement("button");
    beside.className = "photo-words";
    button.type = "button";
    button.className = "button button--quiet";
    button.addEventListener("click", () => remove(photo));
    beside.append(document.createElement("p"), button);
    row.append(beside);
    return row;
  }

  /** @param {string[]} sentences */
  function say(sentences) {
    status.textContent = sentences.join(" ");
  }

  field.addEventListener("change", () => add([...(field.files ?? [])]));
  // Somebody may have been quicker than this script.
  if (field.files?.length) add([...field.files]);
}

/** @param {string} text @param {number} number */
function withNumber(text, number) {
  return text.replace("#", String(number));
}
