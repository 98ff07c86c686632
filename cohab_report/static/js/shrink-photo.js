/* A photo made small on the phone: its pixels are drawn anew, so nothing else of the file goes along. A file that this
   browser can't draw is left as it is. */
const SIDE = 2048;
const PREVIEW_SIDE = 160;
/* The long side of a panorama may be so many times longer, so that the short one stays legible: as on the server. */
const ELONGATED = 4;
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

/** @param {ImageBitmap} bitmap @param {number} side the longest side at most, in pixels; a panorama's may be longer */
function draw(bitmap, side) {
  const [long, short] = [Math.max(bitmap.width, bitmap.height), Math.min(bitmap.width, bitmap.height)];
  const longest = Math.min(ELONGATED * side, Math.max(side, (side * long) / (ELONGATED * short)));
  const scale = Math.min(1, longest / long);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  if (longest > side) canvas.className = "photo-elongated";
  const paper = canvas.getContext("2d");
  if (!paper) throw new Error("no canvas");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
