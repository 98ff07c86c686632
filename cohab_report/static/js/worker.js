/* The service worker: keeps the form ready for a place without network, and sends what waits. It runs after outbox.js, under /sw.js, which
   says what belongs to this release (self.RELEASE). It never keeps a page of anybody's own, and stands aside for whoever has signed in. */
(() => {
  const { version, files, shells, ground, wording, waiting, form, share, languages } = self.RELEASE;
  const PREFIX = "cohab-";
  const CACHE = `${PREFIX}${version}`;
  const PATIENCE = 6000;
  const STALE = 3600 * 1000;
  const RESIDENT = [/^\/$/, /^\/signaler(\/|$)/, /^\/observations/, /^\/suivi/, /^\/recu(\/|$)/, /^\/confidentialite$/, /^\/accessibilite$/, /^\/plan(\/|$)/, /^\/bilan$/, /^\/decisions$/, /^\/donnees$/];
  const FORM = /^\/$|^\/signaler(\/|$)/;
  const TYPED = { "/suivi": "code", "/suivi/courriel": "email", "/recu/courriel": "email", "/suivi/reponse": "answer" };
  const outbox = self.outbox;

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("sync", (event) => {
    if (event.tag === outbox.TAG) event.waitUntil(sendOrFail());
  });
  self.addEventListener("message", (event) => event.waitUntil(heard(event.data)));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin) return;
    if (request.mode === "navigate") {
      if (request.method === "POST" && pathname === share) event.respondWith(takeShared(request));
      else if (RESIDENT.some((own) => own.test(pathname))) event.respondWith(navigated(request, pathname));
    } else if (request.method === "GET" && pathname.startsWith("/static/")) {
      event.respondWith(fileOf(request));
    } else if (request.method === "GET" && [ground, wording].includes(pathname)) {
      event.respondWith(fromNetworkOr(request, { ignoreVary: true }));
    }
  });

  async function install() {
    const cache = await caches.open(CACHE);
    await cache.addAll([...files, wording, ...grounds()].map((address) => new Request(address, { credentials: "omit", cache: "no-cache" })));
    await refreshShells(cache);
  }

  const grounds = () => languages.map((language) => `${ground}?langue=${language}`);
  const shellOf = (page, language) => `${page}?langue=${language}`;

  /* Without the session: what is kept is the same for everybody. Pages of another release than this one are left alone. */
  async function refreshShells(cache) {
    for (const page of shells) {
      for (const language of languages) {
        const address = shellOf(page, language);
        const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
        if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
        if (answer.headers.get("X-Release") === version) await cache.put(address, answer);
      }
    }
    await outbox.learn("refreshed_at", Date.now());
  }

  /* The release before this one stays, for a tab that was opened with it. */
  async function activate() {
    const before = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(before.slice(0, -1).map((name) => caches.delete(name)));
    await self.clients.claim();
  }

  async function sendOrFail() {
    if ((await outbox.sendAll()) > 0) throw new Error("something still waits");  // asks the browser for another try
  }

  async function heard({ type, language, signedIn }) {
    if (type === "take over") self.skipWaiting();  // not awaited: Chromium lets the next one in only when this event is over
    if (type !== "page") return;
    await outbox.learn("signed_in", signedIn);
    if (languages.includes(language)) await outbox.learn("language", language);
    if (!signedIn && Date.now() - ((await outbox.fact("refreshed_at")) ?? 0) > STALE) await refreshShells(await caches.open(CACHE));
  }

  async function fileOf(request) {
    const isFixed = new URL(request.url).searchParams.has("v");
    const kept = isFixed && (await caches.match(request.url, { ignoreVary: true }));
    return kept || fromNetworkOr(request, { ignoreVary: true });
  }

  async function fromNetworkOr(request, how) {
    const kept = await (await caches.open(CACHE)).match(request.url, how);
    try {
      return await (kept ? soon(fetch(request)) : fetch(request));
    } catch (trouble) {
      if (kept) return kept;
      throw trouble;
    }
  }

  const soon = (answer) => Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE))]);

  async function navigated(request, pathname) {
    const typed = request.method === "POST" ? request.clone() : null;
    try {
      /* A POST is never given up for being slow: it may have arrived. */
      return await (typed ? fetch(request) : soon(fetch(request)));
    } catch (trouble) {
      if (await outbox.fact("signed_in")) throw trouble;
      if (typed) await (FORM.test(pathname) ? handOver : giveBack)(pathname, await typed.formData());
      return (await shell(FORM.test(pathname) && pathname !== waiting ? form : waiting, request.url)) ?? Response.error();
    }
  }

  async function shell(page, asked) {
    const wanted = new URL(asked).searchParams.get("langue") ?? (await outbox.fact("language"));
    const language = languages.includes(wanted) ? wanted : languages[0];
    return (await caches.open(CACHE)).match(shellOf(page, language), { ignoreVary: true });
  }

  /* What a form was sending when the network went: nothing typed is lost, the offline form goes on from there. */
  async function handOver(pathname, typed) {
    const { client_id: _none, ...known } = JSON.parse(typed.get("carried") || "{}");
    const draft = outbox.begun((await outbox.fact("language")) ?? languages[0]);
    const client_id = typed.get("client_id") || _none || draft.client_id;
    const texts = [...typed].filter(([name, text]) => typeof text === "string" && !["csrf_token", "carried", "help", "sujet"].includes(name));
    const kind = typed.get("sujet");
    Object.assign(draft, { client_id, fields: { ...known, ...(kind ? { kind } : {}), ...Object.fromEntries(texts), client_id } });
    draft.photos = typed.getAll("photos").filter((photo) => photo.size > 0);
    const help = typed.get("help");
    if (help !== "yes") await outbox.keepDraft(draft);
    await outbox.learn("handed_over", { client_id, help, from: pathname, at: Date.now() });
  }

  /* What else was being sent concerns an observation that is there already: it is no draft. What was typed is shown once and not kept. */
  async function giveBack(pathname, typed) {
    await outbox.learn("not_sent", { text: typed.get(TYPED[pathname]) ?? "", page: pathname.startsWith("/recu") ? "/recu" : "/suivi" });
  }

  async function takeShared(request) {
    const photos = (await request.formData()).getAll("photos").filter((photo) => photo.type?.startsWith("image/"));
    const draft = { ...outbox.begun((await outbox.fact("language")) ?? languages[0]), photos: photos.slice(0, 3) };
    if (photos.length > 0) await outbox.keepDraft(draft);
    return Response.redirect(`${form}#brouillon=${draft.client_id}`, 303);
  }
})();
