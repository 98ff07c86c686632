/* The outbox of this phone: drafts, observations that wait to be sent, receipts. Pages and the service worker share it,
   so it is at once a classic script and a module, and hands itself over as self.outbox. An item leaves `waiting` only
   when the server has said what became of it. */

/**
 * @typedef {Record<string, string>} Fields What a form says, by the name of each field.
 * @typedef {{ field: string, text: string }} Problem What the server asks to mend, in words.
 *
 * @typedef {object} Draft A form in progress.
 * @property {string} client_id
 * @property {Fields} fields
 * @property {File[]} photos
 * @property {string} language
 * @property {string} [label] what lists on this phone call it
 * @property {number} made_at milliseconds, as all times here
 * @property {number} [changed_at]
 * @property {string} [step]
 * @property {Problem[]} [problems]
 * @property {boolean} [seen] its review was read once
 *
 * @typedef {object} Submission What is sent.
 * @property {string} client_id
 * @property {Fields} fields
 * @property {File[]} photos
 * @property {string} language
 * @property {string} [label]
 * @property {number} made_at
 *
 * @typedef {object} Sending
 * @property {number} attempts
 * @property {number} next_attempt_at
 * @property {{ kind: string, status: number, at: number } | null} last_problem
 *
 * @typedef {Submission & Sending} WaitingItem
 *
 * @typedef {{ reference: string, code: string, shown_at?: string, photos?: Problem[] }} ReceiptAnswer What the server
 *   says of a received one.
 * @typedef {{ client_id: string, label?: string, photo_count: number, made_at: number, changed_at?: number }}
 *   ReceiptLabel
 * @typedef {ReceiptAnswer & ReceiptLabel} Receipt
 *
 * @typedef {{ name: string, value: any }} Fact One thing that pages and worker tell each other.
 * @typedef {{ drafts: Draft, waiting: WaitingItem, receipts: Receipt, facts: Fact }} Stores
 *
 * @typedef {{ status: number, retryAfter: string | null, text: string }} HttpAnswer
 * @typedef {(address: string, headers: Record<string, string>, body: FormData, timeout: number) => Promise<HttpAnswer>}
 *   Post
 *
 * @typedef {{ kind: "received", receipt: ReceiptAnswer }} Received
 * @typedef {{ kind: "refused", problems: Problem[] }} Refused
 * @typedef {{ kind: "later", status: number, retryAfter: number }} Later
 * @typedef {{ kind: "network", status: number, problem: string }} NoNetwork
 * @typedef {Received | Refused | Later | NoNetwork} Outcome What became of one try.
 */

function createOutbox() {
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
  /* Each upgrade only adds, and is never rewritten: a tab with older code must still find its stores after a newer one
     has opened them. */
  const UPGRADES = [
    /** @param {IDBDatabase} database */
    (database) => {
      database.createObjectStore("drafts", { keyPath: "client_id" });
      database.createObjectStore("waiting", { keyPath: "client_id" });
    },
    /** @param {IDBDatabase} database */
    (database) => {
      database.createObjectStore("receipts", { keyPath: "client_id" });
      database.createObjectStore("facts", { keyPath: "name" });
    },
  ];

  /**
   * Opens the database, upgraded to `version`; 0 takes it as it is.
   * @returns {Promise<IDBDatabase>}
   */
  function openDatabase(version = UPGRADES.length) {
    return new Promise((resolve, reject) => {
      const request = version ? indexedDB.open(NAME, version) : indexedDB.open(NAME);
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const upgrade of UPGRADES.slice(oldVersion)) upgrade(request.result);
      };
      request.onsuccess = () => {
        request.result.onversionchange = () => request.result.close();
        resolve(request.result);
      };
      request.onerror = () => {
        if (version && request.error?.name === "VersionError") openDatabase(0).then(resolve, reject);
        else reject(request.error);
      };
    });
  }

  /**
   * Runs `work` in one transaction over these stores and returns the result of the request that it returns. The
   * database is opened and closed each time, so that a newer release never waits for an old tab.
   * @template Result
   * @param {(keyof Stores)[]} names
   * @param {IDBTransactionMode} mode
   * @param {(...stores: IDBObjectStore[]) => IDBRequest<Result> | undefined} work
   * @returns {Promise<Result | undefined>}
   */
  async function inTransaction(names, mode, work) {
    const database = await openDatabase();
    try {
      const transaction = database.transaction(names, mode);
      const completion = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const request = work(...names.map((name) => transaction.objectStore(name)));
      await completion;
      return request?.result;
    } finally {
      database.close();
    }
  }

  /**
   * Returns all items of a store.
   * @template {keyof Stores} Name
   * @param {Name} name
   * @returns {Promise<Stores[Name][]>}
   */
  const all = async (name) => (await inTransaction([name], "readonly", (store) => store.getAll())) ?? [];

  /**
   * Returns one item of a store, if it is there.
   * @template {keyof Stores} Name
   * @param {Name} name
   * @param {string} key
   * @returns {Promise<Stores[Name] | undefined>}
   */
  const one = (name, key) => inTransaction([name], "readonly", (store) => store.get(key));

  /** @param {keyof Stores} name @param {string} key */
  const remove = (name, key) => change([name], (store) => store.delete(key));

  /** @param {string} name */
  const readFact = async (name) => (await one("facts", name))?.value;

  /** @param {string} name @param {any} value */
  const storeFact = (name, value) => inTransaction(["facts"], "readwrite", (facts) => facts.put({ name, value }));

  /**
   * Changes these stores and announces it to every page and the worker.
   * @param {(keyof Stores)[]} names
   * @param {(...stores: IDBObjectStore[]) => IDBRequest | undefined} work
   */
  async function change(names, work) {
    const result = await inTransaction(names, "readwrite", work);
    announceChange();
    return result;
  }

  function announceChange() {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage("changed");
    channel.close();
  }

  /** @param {() => void} listener called whenever another page or the worker has changed the outbox */
  function onChange(listener) {
    new BroadcastChannel(CHANNEL).onmessage = listener;
  }

  /** @param {string} language @returns {Draft} */
  function newDraft(language) {
    const client_id = crypto.randomUUID?.() ?? randomUuid();
    return {
      client_id,
      fields: { client_id },
      photos: [],
      language,
      step: "subject",
      made_at: Date.now(),
      problems: [],
    };
  }

  /* A UUID of version 4 for browsers without crypto.randomUUID. */
  function randomUuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /** @param {Draft} draft */
  const storeDraft = (draft) => change(["drafts"], (drafts) => drafts.put({ ...draft, changed_at: Date.now() }));

  /**
   * Moves a draft to what waits: whoever opens a page of ours with a network sends it.
   * @param {Submission} submission
   */
  async function queue({ client_id, fields, photos, language, made_at, label }) {
    const item = {
      client_id,
      fields,
      photos,
      language,
      label,
      made_at,
      attempts: 0,
      next_attempt_at: 0,
      last_problem: null,
    };
    await change(["drafts", "waiting"], (drafts, waiting) => {
      drafts.delete(client_id);
      return waiting.put(item);
    });
    return item;
  }

  /* Asks for Background Sync and returns whether there is any: the browser then wakes the worker itself; elsewhere the
     next page of ours sends. */
  async function requestSync() {
    try {
      const { sync } = self.registration ?? (await self.navigator.serviceWorker?.getRegistration()) ?? {};
      await sync?.register(TAG);
      return Boolean(sync);
    } catch (error) {
      console.info("no background sync", error);
      return false;
    }
  }

  /**
   * Whether the pause after the last try is over. A phone whose clock was set back since then has no use for the time
   * that was noted.
   * @param {WaitingItem} item
   */
  const isDue = ({ next_attempt_at: at, last_problem: problem }) =>
    at <= Date.now() || problem?.kind === "network" || (problem?.at ?? 0) > Date.now();

  /**
   * Tries everything that is due once, the oldest first, in one page or worker at a time; returns how many still wait.
   * @param {{ evenEarly?: boolean, post?: Post }} options
   */
  async function sendAll({ evenEarly = false, post = postByFetch } = {}) {
    return alone(async () => {
      for (const item of (await all("waiting")).sort((a, b) => a.made_at - b.made_at)) {
        if (!evenEarly && !isDue(item)) continue;
        const outcome = await attempt(item, post);
        // Nobody of ours answered: the others have no better luck now.
        if (outcome.kind === "network" && outcome.status < 400) break;
      }
      return (await all("waiting")).length;
    });
  }

  /**
   * Tries this one now, whatever else waits. Background Sync is asked for meanwhile: the worker stands behind the same
   * lock, and goes on if this tab is killed. `hasSync` says whether the browser will.
   * @param {string} client_id
   * @param {{ post?: Post }} options
   */
  const sendOne = (client_id, { post = postByFetch } = {}) =>
    alone(async () => {
      const hasSync = await requestSync();
      const item = await one("waiting", client_id);
      const outcome = await (item ? attempt(item, post) : earlierOutcome(client_id));
      return { hasSync, ...outcome };
    });

  /**
   * What became of an item that another page or the worker has sent.
   * @param {string} client_id
   * @returns {Promise<Received | { kind: "gone" }>}
   */
  async function earlierOutcome(client_id) {
    const receipt = await one("receipts", client_id);
    return receipt ? { kind: "received", receipt } : { kind: "gone" };
  }

  /**
   * Runs `work` in one page or worker at a time.
   * @template Result
   * @param {() => Promise<Result>} work
   * @returns {Promise<Result>}
   */
  const alone = (work) => (self.navigator.locks ? self.navigator.locks.request("outbox", work) : work());

  /** @param {WaitingItem} item @param {Post} post */
  async function attempt(item, post) {
    const outcome = await outcomeOf(item, post);
    if (outcome.kind === "received") await storeReceipt(item, outcome.receipt);
    else if (outcome.kind === "refused") await returnToDrafts(item, outcome.problems);
    else await postpone(item, outcome);
    return outcome;
  }

  /** @param {WaitingItem} item @param {Post} post @returns {Promise<Outcome>} */
  async function outcomeOf(item, post) {
    try {
      const answer = await postItem(item, post);
      if (answer.status !== 403) return readOutcome(answer);
      return readOutcome(await postItem(item, post)); // the token had expired, and a new one was made on the way
    } catch (error) {
      return { kind: "network", status: 0, problem: String(error) };
    }
  }

  /** @param {WaitingItem} item @param {Post} post */
  async function postItem(item, post) {
    const form = new FormData();
    for (const [name, text] of Object.entries(item.fields)) form.append(name, text);
    form.append("danger_passed", "yes");
    item.photos.forEach((photo, index) => {
      form.append("photos", photo, photo.name ?? `photo-${index + 1}.jpg`);
    });
    const headers = { Accept: "application/json", "X-CSRFToken": await fetchToken() };
    const bytes = item.photos.reduce((sum, { size }) => sum + size, 0);
    return post(`${SEND_TO}?langue=${encodeURIComponent(item.language)}`, headers, form, TIMEOUT + bytes / SLOWEST);
  }

  /**
   * A phone that is too old to know this sends without a limit.
   * @param {number} milliseconds
   */
  const endAfter = (milliseconds) => AbortSignal.timeout?.(milliseconds);

  /** @returns {Promise<string>} */
  async function fetchToken() {
    const signal = endAfter(TIMEOUT);
    const answer = await fetch(TOKEN_FROM, { headers: { Accept: "application/json" }, cache: "no-store", signal });
    if (!answer.ok) return "";
    return (await answer.json()).token;
  }

  /** @type {Post} */
  async function postByFetch(address, headers, body, timeout) {
    const answer = await fetch(address, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: endAfter(timeout),
    });
    return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), text: await answer.text() };
  }

  /** @param {HttpAnswer} answer @returns {Outcome} */
  function readOutcome({ status, retryAfter, text }) {
    const content = parseJson(text);
    if (status === 200 && content?.reference && content.code) return { kind: "received", receipt: content };
    if (MENDABLE.includes(status) && content?.problems) return { kind: "refused", problems: content.problems };
    // A hotel's sign-in page, a proxy.
    if (status === 200 || !content) return { kind: "network", status, problem: "not our server" };
    return { kind: "later", status, retryAfter: Number(retryAfter) || 0 };
  }

  /** @param {string} text */
  function parseJson(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  }

  /** @param {WaitingItem} item @param {ReceiptAnswer} receipt */
  const storeReceipt = ({ client_id, label, photos, made_at }, receipt) =>
    change(["waiting", "receipts"], (waiting, receipts) => {
      waiting.delete(client_id);
      return receipts.put({ ...receipt, client_id, label, photo_count: photos.length, made_at });
    });

  /** @param {WaitingItem} item @param {Problem[]} problems */
  const returnToDrafts = ({ client_id, fields, photos, language, label, made_at }, problems) =>
    change(["waiting", "drafts"], (waiting, drafts) => {
      waiting.delete(client_id);
      const changed_at = Date.now();
      return drafts.put({ client_id, fields, photos, language, label, made_at, step: "review", problems, changed_at });
    });

  /** @param {WaitingItem} item @param {Later | NoNetwork} outcome */
  const postpone = (item, outcome) =>
    change(["waiting"], (waiting) => {
      const attempts = item.attempts + 1;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** item.attempts) * (0.8 + 0.4 * Math.random());
      const seconds = Math.max(pause, outcome.kind === "later" ? outcome.retryAfter : 0);
      const next_attempt_at = Date.now() + 1000 * seconds;
      const last_problem = { kind: outcome.kind, status: outcome.status, at: Date.now() };
      return waiting.put({ ...item, attempts, next_attempt_at, last_problem });
    });

  /* Erases all of ours on this phone but the language that its pages are in. */
  const forgetAll = () =>
    change(["drafts", "waiting", "receipts", "facts"], (drafts, waiting, receipts, facts) => {
      for (const store of [drafts, waiting, receipts]) store.clear();
      for (const name of ["handed_over", "not_sent"]) facts.delete(name);
      return undefined;
    });

  return Object.freeze({
    TAG,
    all,
    one,
    remove,
    readFact,
    storeFact,
    newDraft,
    storeDraft,
    queue,
    sendAll,
    sendOne,
    requestSync,
    forgetAll,
    onChange,
  });
}

self.outbox = createOutbox();
