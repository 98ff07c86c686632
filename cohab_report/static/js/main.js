/* Wakes each element that carries data-behaviour by importing the module of that name, which exports wake(element).
   <html data-awake> says that all of them are awake. */
const behaviours = [...document.querySelectorAll("[data-behaviour]")].flatMap((element) =>
  element.dataset.behaviour
    .split(/\s+/)
    .filter((name) => /^[a-z-]+$/.test(name))
    .map((name) => ({ name, element })),
);
let asleep = behaviours.length;

function announceAwake() {
  if (asleep === 0) document.documentElement.dataset.awake = "yes";
}

for (const { name, element } of behaviours) {
  import(`./${name}.js`)
    .then((module) => module.wake(element))
    .finally(() => {
      asleep -= 1;
      announceAwake();
    });
}
announceAwake();
