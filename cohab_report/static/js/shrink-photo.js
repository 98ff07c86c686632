/* A photo made small on the phone: its pixels are drawn anew, so nothing else of the file goes along. A file that this
   browser can't draw is left as it is. */
const SIDE = 2048;
const PREVIEW_SIDE = 160;
const QUALITY = 0.85;

/**
 * Returns the file to send, and a small picture to look at (null where there is none).
 * @param {File} file
 * @returns {Promise<{ file: File, picture: HTMLCanvasElement | null }>}
 */
export async function shrinkPhoto(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const blob = await toJpeg(draw(bitmap, SIDE));
    const picture = draw(bitmap, PREVIEW_SIDE);
    picture.setAttribute("aria-hidden", "true");
    bitmap.close();
    return { file: new File([blob], "photo.jpg", { type: blob.type }), picture };
  } catch {
    return { file, picture: null };
  }
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
  });
}

/** @param {ImageBitmap} bitmap @param {number} side the longest side at most, in pixels */
function draw(bitmap, side) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const paper = canvas.getContext("2d");
  if (!paper) throw new Error("no canvas");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
