/* Puts the code that a QR carried after # into the field, and takes it out of the address; it never reached the server. */
export function wake(box) {
  const code = decodeURIComponent(window.location.hash.slice(1));
  if (!/^[0-9A-Za-z-]{20,30}$/.test(code)) return;
  const input = document.getElementById(box.dataset.code);
  window.history.replaceState(null, "", window.location.pathname);
  input.value = code;
  input.focus();
}
