/* The service worker: keeps the form ready for a place without network, and sends what waits. It runs after outbox.js,
   under /sw.js, which says what belongs to this release (self.RELEASE). It never keeps a page of anybody's own, and
   stands aside for whoever has signed in. */
(() => {
  const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
  const { version, files, shells, ground, wording, waiting, form, share, languages } = self.RELEASE;
  const PREFIX = "cohab-";
  const CACHE = `${PREFIX}${version}`;
  const PATIENCE = 6000;
  const STALE = 3600 * 1000;
  const RESIDENT_PAGES = [
    /^\/$/,
    /^\/signaler(\/|$)/,
    /^\/observations/,
    /^\/suivi/,
    /^\/recu(\/|$)/,
    /^\/confidentialite$/,
    /^\/accessibilite$/,
    /^\/plan(\/|$)/,
    /^\/bilan$/,
    /^\/decisions$/,
    /^\/donnees$/,
  ];
  const FORM_PAGES = /^\/$|^\/signaler(\/|$)/;
  /** @type {Record<string, string>} The field that holds what a person typed, by the address of its form. */
  const TYPED_FIELDS = {
    "/suivi": "code",
    "/suivi/courriel": "email",
    "/recu/courriel": "email",
    "/suivi/reponse": "answer",
  };
  /* Fields of an online form that say nothing of the observation. */
  const NOT_ANSWERS = ["csrf_token", "carried", "help", "sujet"];
  const outbox = self.outbox;

  scope.addEventListener("install", (event) => event.waitUntil(install()));
  scope.addEventListener("activate", (event) => event.waitUntil(activate()));
  scope.addEventListener("sync", (event) => {
    if (event.tag === outbox.TAG) event.waitUntil(sendOrFail());
  });
  scope.addEventListener("message", (event) => event.waitUntil(receiveMessage(event.data)));
  scope.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== scope.location.origin) return;
    if (request.mode === "navigate") {
      if (request.method === "POST" && pathname === share) event.respondWith(takeSharedPhotos(request));
      else if (RESIDENT_PAGES.some((page) => page.test(pathname))) event.respondWith(pageOf(request, pathname));
    } else if (request.method === "GET" && pathname.startsWith("/static/")) {
      event.respondWith(fileOf(request));
    } else if (request.method === "GET" && [ground, wording].includes(pathname)) {
      event.respondWith(fromNetworkOrCache(request));
    }
  });

  async function install() {
    const cache = await caches.open(CACHE);
    const addresses = [...files, wording, ...languages.map((language) => `${ground}?langue=${language}`)];
    await cache.addAll(addresses.map((address) => new Request(address, { credentials: "omit", cache: "no-cache" })));
    await refreshShells(cache);
  }

  /** @param {string} page @param {string} language */
  const shellAddress = (page, language) => `${page}?langue=${language}`;

  /**
   * Fetches the pages that are read without network. Without the session: what is kept is the same for everybody. Pages
   * of another release than this one are left alone.
   * @param {Cache} cache
   */
  async function refreshShells(cache) {
    for (const page of shells) {
      for (const language of languages) {
        const address = shellAddress(page, language);
        const answer = await fetch(address, { credentials: "omit", cache: "no-cache" });
        if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
        if (answer.headers.get("X-Release") === version) await cache.put(address, answer);
      }
    }
    await outbox.storeFact("refreshed_at", Date.now());
  }

  /* The release before this one stays, for a tab that was opened with it. */
  async function activate() {
    const older = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
    await scope.clients.claim();
  }

  async function sendOrFail() {
    if ((await outbox.sendAll()) > 0) throw new Error("something still waits"); // asks the browser for another try
  }

  /** @param {{ type: string, language: string, signedIn: boolean }} message */
  async function receiveMessage({ type, language, signedIn }) {
    // Not awaited: Chromium lets the next one in only when this event is over.
    if (type === "take over") scope.skipWaiting();
    if (type !== "page") return;
    await outbox.storeFact("signed_in", signedIn);
    if (languages.includes(language)) await outbox.storeFact("language", language);
    const isStale = Date.now() - ((await outbox.readFact("refreshed_at")) ?? 0) > STALE;
    if (!signedIn && isStale) await refreshShells(await caches.open(CACHE));
  }

  /** @param {Request} request */
  async function fileOf(request) {
    const isFixed = new URL(request.url).searchParams.has("v");
    const cached = isFixed ? await caches.match(request.url, { ignoreVary: true }) : undefined;
    return cached || fromNetworkOrCache(request);
  }

  /** @param {Request} request */
  async function fromNetworkOrCache(request) {
    const cached = await (await caches.open(CACHE)).match(request.url, { ignoreVary: true });
    try {
      return await (cached ? soon(fetch(request)) : fetch(request));
    } catch (error) {
      if (cached) return cached;
      throw error;
    }
  }

  /** @param {Promise<Response>} answer @returns {Promise<Response>} */
  const soon = (answer) =>
    Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE))]);

  /** @param {Request} request @param {string} pathname */
  async function pageOf(request, pathname) {
    const typed = request.method === "POST" ? request.clone() : null;
    try {
      /* A POST is never given up for being slow: it may have arrived. */
      return await (typed ? fetch(request) : soon(fetch(request)));
    } catch (error) {
      if (await outbox.readFact("signed_in")) throw error;
      if (typed) await (FORM_PAGES.test(pathname) ? handOver : storeUnsent)(pathname, await typed.formData());
      const page = FORM_PAGES.test(pathname) && pathname !== waiting ? form : waiting;
      return (await shellOf(page, request.url)) ?? Response.error();
    }
  }

  /** @param {string} page @param {string} address of the page that was asked for, which may name a language */
  async function shellOf(page, address) {
    const wantedLanguage = new URL(address).searchParams.get("langue") ?? (await outbox.readFact("language"));
    const language = languages.includes(wantedLanguage) ? wantedLanguage : languages[0];
    return (await caches.open(CACHE)).match(shellAddress(page, language), { ignoreVary: true });
  }

  /** @param {FormData} data @param {string} name */
  const textOf = (data, name) => /** @type {string | null} */ (data.get(name));

  /** @param {FormData} data @returns {File[]} */
  const photosOf = (data) => data.getAll("photos").filter((photo) => photo instanceof File);

  const draftInOwnLanguage = async () => outbox.newDraft((await outbox.readFact("language")) ?? languages[0]);

  /**
   * Stores what a form was sending when the network went: nothing typed is lost, the offline form goes on from there.
   * @param {string} pathname
   * @param {FormData} data
   */
  async function handOver(pathname, data) {
    const { client_id: carriedId, ...carried } = JSON.parse(textOf(data, "carried") || "{}");
    const draft = await draftInOwnLanguage();
    const client_id = textOf(data, "client_id") || carriedId || draft.client_id;
    const answers = [...data].filter(([name, text]) => typeof text === "string" && !NOT_ANSWERS.includes(name));
    const kind = data.get("sujet");
    const fields = { ...carried, ...(kind ? { kind } : {}), ...Object.fromEntries(answers), client_id };
    Object.assign(draft, { client_id, fields });
    draft.photos = photosOf(data).filter(({ size }) => size > 0);
    const help = data.get("help");
    if (help !== "yes") await outbox.storeDraft(draft);
    await outbox.storeFact("handed_over", { client_id, help, from: pathname, at: Date.now() });
  }

  /**
   * Stores what else was being sent: it concerns an observation that is there already, so it is no draft. It is shown
   * once and not kept.
   * @param {string} pathname
   * @param {FormData} data
   */
  async function storeUnsent(pathname, data) {
    const page = pathname.startsWith("/recu") ? "/recu" : "/suivi";
    await outbox.storeFact("not_sent", { text: data.get(TYPED_FIELDS[pathname]) ?? "", page });
  }

  /** @param {Request} request of another app, which shares photos with this one */
  async function takeSharedPhotos(request) {
    const photos = photosOf(await request.formData()).filter(({ type }) => type.startsWith("image/"));
    const draft = { ...(await draftInOwnLanguage()), photos: photos.slice(0, 3) };
    if (photos.length > 0) await outbox.storeDraft(draft);
    return Response.redirect(`${form}#brouillon=${draft.client_id}`, 303);
  }
})();
