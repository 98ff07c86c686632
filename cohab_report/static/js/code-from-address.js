/* Puts the code that a QR carried after # into the field, and takes it out of the address; it never reached the server
   in it. With data-open the observation is opened at once: the page shows another one, which must not stand there for
   it. */

/** @param {TemplateElement} box */
export function wake(box) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById(box.dataset.code));

  function takeCode() {
    const code = window.location.hash.slice(1);
    if (!/^[0-9A-Za-z-]{20,30}$/.test(code)) return;
    window.history.replaceState(null, "", window.location.pathname);
    input.value = code;
    if (box.dataset.open) input.form?.requestSubmit();
    else input.focus();
  }

  window.addEventListener("hashchange", takeCode);
  takeCode();
}
