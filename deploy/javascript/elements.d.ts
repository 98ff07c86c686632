/* What the scripts of pages may rely on and the browser's own types can't know: their templates, their events, and what
   is loaded beside them. */

/**
 * An element of a template. A behaviour and its template are written together: each data attribute that the script
 *   reads is there.
 */
type TemplateElement = HTMLElement & { readonly dataset: Record<string, string> };

/** The tag that a selector ends in: "form[data-kind] input" is an input; "" where it names none. */
type TagIn<Selector extends string> = Selector extends `${string} ${infer Last}`
  ? TagIn<Last>
  : Selector extends `${infer Tag}:${string}`
    ? TagIn<Tag>
    : Selector extends `${infer Tag}[${string}`
      ? TagIn<Tag>
      : Selector extends `${infer Tag}.${string}`
        ? Tag
        : Selector;

type ElementFor<Selector extends string> =
  TagIn<Selector> extends keyof HTMLElementTagNameMap
    ? HTMLElementTagNameMap[TagIn<Selector>] & TemplateElement
    : TemplateElement;

/* What a template always has is found: only where a part may be missing does a script ask with `?.`, `closest` or
   `querySelectorAll`. */
interface ParentNode {
  querySelector<Selector extends string>(selector: Selector): ElementFor<Selector>;
  querySelectorAll<Selector extends string>(selector: Selector): NodeListOf<ElementFor<Selector>>;
}

interface Element {
  closest<Selector extends string>(selector: Selector): ElementFor<Selector> | null;
}

/* How the parts of the step "where" tell each other: a point was chosen (by the position or on the map), or a place by
   its name. */
interface DocumentEventMap {
  "place:chosen": CustomEvent<{ by: "locate" | "map" }>;
  "place:named": CustomEvent<null>;
}

interface Window {
  /** Leaflet, once city-map.js has loaded it. */
  L: typeof L;
  /** Only a worker has one; outbox.js, which runs in both, asks. */
  readonly registration?: undefined;
}
