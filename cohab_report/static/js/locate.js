/* Asks the phone for its position when the button is pressed, never before, and puts it into the form. */

const TIMEOUT = 15000;

/** @param {TemplateElement} box */
export function wake(box) {
  const button = box.querySelector("button[data-locate]");
  const status = box.querySelector("[data-locate-status]");
  /** @param {string} name */
  const inputOf = (name) => /** @type {HTMLInputElement | null} */ (document.getElementById(box.dataset[name]));
  let requests = 0;
  if (!("geolocation" in navigator)) {
    return;
  }
  box.hidden = false;

  /** @param {GeolocationPosition} position */
  function fillIn({ coords }) {
    const metres = String(Math.round(coords.accuracy));
    const values = { lon: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6), accuracy: metres };
    for (const [name, value] of Object.entries(values)) {
      const input = inputOf(name);
      if (input) input.value = value;
    }
    button.disabled = false;
    status.textContent = box.dataset.textFound.replace("{metres}", metres);
    inputOf("lon")?.dispatchEvent(new CustomEvent("place:chosen", { bubbles: true, detail: { by: "locate" } }));
  }

  /** @param {GeolocationPositionError} error */
  function showFailure(error) {
    button.disabled = false;
    status.textContent = error.code === error.PERMISSION_DENIED ? box.dataset.textDenied : box.dataset.textFailed;
  }

  /* Whoever names a place, or points at one, doesn't want the position any more, even when it comes later. */
  function cancel() {
    requests += 1;
    button.disabled = false;
    status.textContent = "";
  }

  button.addEventListener("click", () => {
    button.disabled = true;
    status.textContent = box.dataset.textWaiting;
    requests += 1;
    const request = requests;
    navigator.geolocation.getCurrentPosition(
      (position) => {
        if (request === requests) fillIn(position);
      },
      (error) => {
        if (request === requests) showFailure(error);
      },
      { enableHighAccuracy: true, timeout: TIMEOUT, maximumAge: 0 },
    );
  });
  document.addEventListener("place:named", cancel);
  document.addEventListener("place:chosen", ({ detail }) => {
    if (detail.by !== "locate") cancel();
  });
}
