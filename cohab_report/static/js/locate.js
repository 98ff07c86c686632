/* Asks the phone for its position when the button is pressed, never before, and puts it into the form. */
export function wake(box) {
  const button = box.querySelector("[data-locate]");
  const status = box.querySelector("[data-locate-status]");
  const inputs = ["lon", "lat", "accuracy"].map((name) => document.getElementById(box.dataset[name]));
  let asked = 0;
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

  /* Whoever names a place, or points at one, doesn't want the position any more, even when it comes later. */
  function letGo() {
    asked += 1;
    button.disabled = false;
    status.textContent = "";
  }

  button.addEventListener("click", () => {
    button.disabled = true;
    status.textContent = box.dataset.textWaiting;
    const mine = (asked += 1);
    const ifWanted = (work) => (answer) => { if (mine === asked) work(answer); };
    navigator.geolocation.getCurrentPosition(ifWanted(found), ifWanted(failed), { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
  });
  document.addEventListener("place:named", letGo);
  document.addEventListener("place:chosen", ({ detail }) => { if (detail.by !== "locate") letGo(); });
}
