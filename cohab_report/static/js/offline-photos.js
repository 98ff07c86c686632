/* Photos of a draft: those that this phone already keeps, and those just chosen in the file field until they are made small. */
import { made } from "./shrink-photo.js";

const MOST = 3;

export function keptPhotos(section, changed) {
  const input = section.querySelector("input[type=file]");
  const list = section.querySelector("[data-kept-photos]");
  const row = list.querySelector("template");
  const status = section.querySelector("[data-photos-status]");
  let kept = [];

  function say(words) {
    status.textContent = [...words, list.dataset.textLeft.replace("#", kept.length)].join(" ");
  }

  function show(photos) {
    kept = [...photos];
    input.value = "";
    status.textContent = "";
    for (const old of list.querySelectorAll("li")) old.remove();
    kept.forEach((photo, number) => {
      const made = row.content.cloneNode(true);
      const line = made.querySelector("li");
      made.querySelector("[data-name]").textContent = list.dataset.textOne.replace("#", number + 1);
      draw(photo, made.querySelector("canvas"));
      made.querySelector("button").textContent = list.dataset.textRemove.replace("#", number + 1);
      made.querySelector("button").addEventListener("click", () => {
        kept = kept.filter((each) => each !== photo);
        line.remove();
        list.hidden = kept.length === 0;
        say([list.dataset.textRemoved]);
        input.focus();
        changed();
      });
      list.append(made);
    });
    list.hidden = kept.length === 0;
  }

  /* A picture that this browser can't draw still has its name. */
  async function draw(photo, canvas) {
    const bitmap = await createImageBitmap(photo).catch(() => null);
    if (!bitmap) return canvas.remove();
    const scale = Math.min(1, 96 / Math.max(bitmap.width, bitmap.height));
    Object.assign(canvas, { width: bitmap.width * scale, height: bitmap.height * scale });
    return canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }

  input.addEventListener("change", async () => {
    const chosen = [...input.files];
    const before = kept;
    const small = [];
    for (const file of chosen) small.push((await made(file)).file);
    // Another draft may have been opened meanwhile: what was chosen for this one was kept with it as it was.
    if (kept !== before || chosen.length === 0) return;
    const all = [...kept, ...small];
    show(all.slice(0, MOST));
    say(all.length > MOST ? [list.dataset.textFull] : []);
    changed();
  });

  return { show, all: () => [...kept, ...input.files].slice(0, MOST) };
}
