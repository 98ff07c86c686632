/* What the service worker finds when it runs: resident/offline/views.py writes it before the worker's own scripts. */

/**
 * What belongs to one release: the files and pages to keep, and the addresses that the worker knows by their meaning.
 */
interface Release {
  version: string;
  files: string[];
  languages: string[];
  shells: string[];
  form: string;
  waiting: string;
  ground: string;
  wording: string;
  share: string;
}

declare var RELEASE: Release;

interface ServiceWorkerGlobalScopeEventMap {
  /** Background Sync: the network is back. */
  sync: ExtendableEvent & { readonly tag: string };
}

/* The checker takes the scope for any worker's; this one has a registration. */
declare var registration: ServiceWorkerRegistration;
