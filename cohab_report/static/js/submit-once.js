/* A form is sent once: a second press within five seconds is ignored, and coming back with the Back button frees it
   again. */
const PAUSE = 5000;

/** @param {HTMLFormElement} form */
export function wake(form) {
  let sentAt = -PAUSE;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < PAUSE) {
      event.preventDefault();
      return;
    }
    sentAt = event.timeStamp;
  });
  window.addEventListener("pageshow", () => {
    sentAt = -PAUSE;
  });
}
