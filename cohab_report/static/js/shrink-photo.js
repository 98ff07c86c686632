/* A photo made small on the phone: its pixels are drawn anew, so nothing else of the file goes along. A file that this browser can't draw is
   left as it is. */
const SIDE = 2048;
const SMALL = 160;
const QUALITY = 0.85;

/* The file to send, and a small picture to look at (null where there is none). */
export async function made(file) {
  try {
    const picture = await createImageBitmap(file);
    const drawn = draw(picture, SIDE);
    const blob = await new Promise((done) => { drawn.toBlob(done, "image/jpeg", QUALITY); });
    const small = draw(picture, SMALL);
    small.setAttribute("aria-hidden", "true");
    picture.close();
    return { file: new File([blob], "photo.jpg", { type: blob.type }), picture: small };
  } catch {
    return { file, picture: null };
  }
}

function draw(picture, side) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
