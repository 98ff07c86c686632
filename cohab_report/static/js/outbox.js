/* What waits on this phone to be sent: drafts, waiting observations, receipts. Shared by pages and by the worker, so it is at once a
   classic script and a module, and hands itself over as self.outbox. An item leaves `waiting` only when the server has said what became of it. */
(() => {
  const NAME = "cohab";
  const CHANNEL = "outbox";
  const TAG = "outbox";
  const SEND_TO = "/signaler/envoyer";
  const TOKEN_FROM = "/signaler/jeton";
  const TIMEOUT = 60000;
  /* Bytes a millisecond: photos may take as long as they need on a line that is no slower. */
  const SLOWEST = 8;
  const FIRST_PAUSE = 15;
  const LONGEST_PAUSE = 3600;
  const MENDABLE = [400, 413, 422];
  /* Each step only adds, and is never rewritten: a tab with older code must still find its stores after a newer one has opened them. */
  const STEPS = [
    (base) => {
      base.createObjectStore("drafts", { keyPath: "client_id" });
      base.createObjectStore("waiting", { keyPath: "client_id" });
    },
    (base) => {
      base.createObjectStore("receipts", { keyPath: "client_id" });
      base.createObjectStore("facts", { keyPath: "name" });
    },
  ];

  function opened(version = STEPS.length) {
    return new Promise((resolve, reject) => {
      const asked = version ? indexedDB.open(NAME, version) : indexedDB.open(NAME);
      asked.onupgradeneeded = ({ oldVersion }) => STEPS.slice(oldVersion).forEach((step) => step(asked.result));
      asked.onsuccess = () => {
        asked.result.onversionchange = () => asked.result.close();
        resolve(asked.result);
      };
      asked.onerror = () => {
        if (version && asked.error.name === "VersionError") opened(0).then(resolve, reject);
        else reject(asked.error);
      };
    });
  }

  /* One transaction over these stores. It opens and closes for itself, so that a newer release never waits for an old tab. */
  async function within(stores, mode, work) {
    const base = await opened();
    try {
      const transaction = base.transaction(stores, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const asked = work(...stores.map((name) => transaction.objectStore(name)));
      await done;
      return asked?.result;
    } finally {
      base.close();
    }
  }

  const all = (store) => within([store], "readonly", (kept) => kept.getAll());
  const one = (store, key) => within([store], "readonly", (kept) => kept.get(key));
  const drop = (store, key) => changing([store], (kept) => kept.delete(key));
  const fact = async (name) => (await one("facts", name))?.value;
  const learn = (name, value) => within(["facts"], "readwrite", (kept) => kept.put({ name, value }));

  async function changing(stores, work) {
    const result = await within(stores, "readwrite", work);
    tell();
    return result;
  }

  function tell() {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage("changed");
    channel.close();
  }

  function onChange(work) {
    new BroadcastChannel(CHANNEL).onmessage = work;
  }

  function begun(language) {
    const client_id = crypto.randomUUID?.() ?? uuid();
    return { client_id, fields: { client_id }, photos: [], language, step: "subject", made_at: Date.now(), problems: [] };
  }

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  const keepDraft = (draft) => changing(["drafts"], (drafts) => drafts.put({ ...draft, changed_at: Date.now() }));

  /* The draft waits from now on; whoever opens a page of ours with a network sends it. */
  async function queue({ client_id, fields, photos, language, made_at, label }) {
    const item = { client_id, fields, photos, language, label, made_at, attempts: 0, next_attempt_at: 0, last_problem: null };
    await changing(["drafts", "waiting"], (drafts, waiting) => {
      drafts.delete(client_id);
      return waiting.put(item);
    });
    return item;
  }

  /* Where there is Background Sync the browser wakes the worker itself, and true comes back; elsewhere the next page of ours does it. */
  async function wantSync() {
    try {
      const { sync } = self.registration ?? (await self.navigator.serviceWorker?.getRegistration()) ?? {};
      await sync?.register(TAG);
      return Boolean(sync);
    } catch (refused) {
      console.info("no background sync", refused.name);
      return false;
    }
  }

  /* A phone whose clock was set back since the last try has no use for the time that was noted then. */
  const isDue = ({ next_attempt_at: at, last_problem: problem }) => at <= Date.now() || problem?.kind === "network" || problem?.at > Date.now();

  /* Everything that is due is tried once, oldest first, by one page or worker at a time; answers how many still wait. */
  async function sendAll({ evenEarly = false, post = byFetch } = {}) {
    return alone(async () => {
      for (const item of (await all("waiting")).sort((a, b) => a.made_at - b.made_at)) {
        if (!evenEarly && !isDue(item)) continue;
        const { kind, status } = await attempt(item, post);
        if (kind === "network" && status < 400) break;  // nobody of ours answered: the others have no better luck now
      }
      return (await all("waiting")).length;
    });
  }

  /* This one is tried now, whatever else waits. The browser is asked for its help meanwhile: the worker stands behind the same lock, and
     goes on if this tab is killed. `by_itself` says whether the browser will. */
  const sendOne = (client_id, { post = byFetch } = {}) => alone(async () => {
    const by_itself = await wantSync();
    const item = await one("waiting", client_id);
    return { by_itself, ...(await (item ? attempt(item, post) : settled(client_id))) };
  });

  async function settled(client_id) {
    const receipt = await one("receipts", client_id);
    return receipt ? { kind: "received", receipt } : { kind: "gone" };
  }

  const alone = (work) => (self.navigator.locks ? self.navigator.locks.request("outbox", work) : work());

  async function attempt(item, post) {
    const outcome = await answerTo(item, post);
    if (outcome.kind === "received") await keepReceipt(item, outcome.receipt);
    else if (outcome.kind === "refused") await giveBack(item, outcome.problems);
    else await tryLater(item, outcome);
    return outcome;
  }

  async function answerTo(item, post) {
    try {
      const answer = await posted(item, post);
      if (answer.status !== 403) return meaning(answer);
      return meaning(await posted(item, post));  // the token had expired, and a new one was made on the way
    } catch (trouble) {
      return { kind: "network", status: 0, problem: trouble.name };
    }
  }

  async function posted(item, post) {
    const form = new FormData();
    for (const [name, text] of Object.entries(item.fields)) form.append(name, text);
    form.append("danger_passed", "yes");
    item.photos.forEach((photo, number) => form.append("photos", photo, photo.name ?? `photo-${number + 1}.jpg`));
    const headers = { Accept: "application/json", "X-CSRFToken": await freshToken() };
    const weight = item.photos.reduce((sum, { size }) => sum + size, 0);
    return post(`${SEND_TO}?langue=${encodeURIComponent(item.language)}`, headers, form, TIMEOUT + weight / SLOWEST);
  }

  /* A phone that is too old to know this sends without a limit. */
  const endAfter = (milliseconds) => AbortSignal.timeout?.(milliseconds);

  async function freshToken() {
    const answer = await fetch(TOKEN_FROM, { headers: { Accept: "application/json" }, cache: "no-store", signal: endAfter(TIMEOUT) });
    if (!answer.ok) return "";
    return (await answer.json()).token;
  }

  async function byFetch(address, headers, body, patience) {
    const answer = await fetch(address, { method: "POST", headers, body, redirect: "error", signal: endAfter(patience) });
    return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), text: await answer.text() };
  }

  function meaning({ status, retryAfter, text }) {
    const told = readable(text);
    if (status === 200 && told?.reference && told.code) return { kind: "received", receipt: told };
    if (MENDABLE.includes(status) && told?.problems) return { kind: "refused", problems: told.problems };
    if (status === 200 || !told) return { kind: "network", status, problem: "not our server" };  // a hotel's sign-in page, a proxy
    return { kind: "later", status, retryAfter: Number(retryAfter) || 0 };
  }

  function readable(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  const keepReceipt = (item, receipt) => changing(["waiting", "receipts"], (waiting, receipts) => {
    waiting.delete(item.client_id);
    return receipts.put({ ...receipt, client_id: item.client_id, label: item.label, photo_count: item.photos.length, made_at: item.made_at });
  });

  const giveBack = (item, problems) => changing(["waiting", "drafts"], (waiting, drafts) => {
    const { client_id, fields, photos, language, label, made_at } = item;
    waiting.delete(client_id);
    return drafts.put({ client_id, fields, photos, language, label, made_at, step: "review", problems, changed_at: Date.now() });
  });

  const tryLater = (item, outcome) => changing(["waiting"], (waiting) => {
    const attempts = item.attempts + 1;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** item.attempts) * (0.8 + 0.4 * Math.random());
    const next_attempt_at = Date.now() + 1000 * Math.max(pause, outcome.retryAfter ?? 0);
    return waiting.put({ ...item, attempts, next_attempt_at, last_problem: { kind: outcome.kind, status: outcome.status, at: Date.now() } });
  });

  /* Nothing of ours is left on this phone but the language that its pages are in. */
  const forgetAll = () => changing(["drafts", "waiting", "receipts", "facts"], (...stores) => {
    const facts = stores.pop();
    for (const store of stores) store.clear();
    for (const name of ["handed_over", "not_sent"]) facts.delete(name);
  });

  self.outbox = Object.freeze({
    TAG, all, one, drop, fact, learn, begun, keepDraft, queue, sendAll, sendOne, wantSync, forgetAll, onChange,
  });
})();
