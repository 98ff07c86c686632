/* Wakes each element that carries data-behaviour by importing the module of that name, which exports wake(element). */
for (const element of document.querySelectorAll("[data-behaviour]")) {
  for (const name of element.dataset.behaviour.split(/\s+/)) {
    if (/^[a-z-]+$/.test(name)) {
      import(`./${name}.js`).then((behaviour) => behaviour.wake(element));
    }
  }
}
