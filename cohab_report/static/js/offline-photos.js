/* Photos of a draft: those that this phone already stores, and those just chosen in the file field until they are made
   small. */
import { shrinkPhoto } from "./shrink-photo.js";

const MOST = 3;
const PREVIEW_SIDE = 96;

/** @param {TemplateElement} section @param {() => void} onChange */
export function draftPhotos(section, onChange) {
  const input = section.querySelector("input[type=file]");
  const list = section.querySelector("[data-kept-photos]");
  const template = list.querySelector("template");
  const status = section.querySelector("[data-photos-status]");
  const texts = list.dataset;
  /** @type {File[]} */
  let stored = [];

  /** @param {string[]} sentences */
  function say(sentences) {
    status.textContent = [...sentences, texts.textLeft.replace("#", String(stored.length))].join(" ");
  }

  /** @param {File[]} photos */
  function show(photos) {
    stored = [...photos];
    input.value = "";
    status.textContent = "";
    for (const old of list.querySelectorAll("li")) old.remove();
    stored.forEach((photo, index) => {
      list.append(newRow(photo, String(index + 1)));
    });
    list.hidden = stored.length === 0;
  }

  /** @param {File} photo @param {string} number */
  function newRow(photo, number) {
    const fragment = document.importNode(template.content, true);
    const row = fragment.querySelector("li");
    const button = fragment.querySelector("button");
    fragment.querySelector("[data-name]").textContent = texts.textOne.replace("#", number);
    draw(photo, fragment.querySelector("canvas"));
    button.textContent = texts.textRemove.replace("#", number);
    button.addEventListener("click", () => {
      stored = stored.filter((each) => each !== photo);
      row.remove();
      list.hidden = stored.length === 0;
      say([texts.textRemoved]);
      input.focus();
      onChange();
    });
    return fragment;
  }

  /**
   * A picture that this browser can't draw still has its name.
   * @param {File} photo
   * @param {HTMLCanvasElement} canvas
   */
  async function draw(photo, canvas) {
    const bitmap = await createImageBitmap(photo).catch(() => null);
    if (!bitmap) {
      canvas.remove();
      return;
    }
    const scale = Math.min(1, PREVIEW_SIDE / Math.max(bitmap.width, bitmap.height));
    Object.assign(canvas, { width: bitmap.width * scale, height: bitmap.height * scale });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }

  const chosenFiles = () => [...(input.files ?? [])];

  input.addEventListener("change", async () => {
    const files = chosenFiles();
    const before = stored;
    const small = [];
    for (const file of files) small.push((await shrinkPhoto(file)).file);
    // Another draft may have been opened meanwhile: what was chosen for this one was stored with it as it was.
    if (stored !== before || files.length === 0) return;
    const all = [...stored, ...small];
    show(all.slice(0, MOST));
    say(all.length > MOST ? [texts.textFull] : []);
    onChange();
  });

  return { show, all: () => [...stored, ...chosenFiles()].slice(0, MOST) };
}
