/* What outbox.js gives to the pages and to the worker alike. */

declare var outbox: ReturnType<typeof createOutbox>;

interface ServiceWorkerRegistration {
  /** Background Sync, where a browser has it. */
  readonly sync?: { register(tag: string): Promise<void> };
}
