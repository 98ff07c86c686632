/* Asks the phone for its position when the button is pressed, never before, and puts it into the form. */
export function wake(box) {
  const button = box.querySelector("[data-locate]");
  const status = box.querySelector("[data-locate-status]");
  const inputs = ["lon", "lat", "accuracy"].map((name) => document.getElementById(box.dataset[name]));
  if (!("geolocation" in navigator)) {
    return;
  }
  box.hidden = false;

  function found({ coords }) {
    const values = [coords.longitude.toFixed(6), coords.latitude.toFixed(6), Math.round(coords.accuracy)];
    inputs.forEach((input, index) => { if (input) input.value = values[index]; });
    button.disabled = false;
    status.textContent = box.dataset.textFound.replace("{metres}", String(values[2]));
    inputs[0].dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: { by: "locate" } }));
  }

  function failed(error) {
    button.disabled = false;
    status.textContent = error.code === error.PERMISSION_DENIED ? box.dataset.textDenied : box.dataset.textFailed;
  }

  button.addEventListener("click", () => {
    button.disabled = true;
    status.textContent = box.dataset.textWaiting;
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
  });
}
