/** The kept parts of an element of a JUnit file. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  /** At most `maxMessageLength` characters. */
  text: string;
  /** At most `maxChildren` elements. */
  children: Element[];
}

/** Maximum length of a message, in characters. */
export const maxMessageLength = 4000;
const maxChildren = 100;

/** Adds text to an element, up to the limit. */
export function addText(element: Element, text: string): void {
  if (element.text.length < maxMessageLength) element.text = (element.text + text).slice(0, maxMessageLength);
}

/** Adds an element to its parent, up to the limit. */
export function addChild(parent: Element, child: Element): void {
  if (parent.children.length < maxChildren) parent.children.push(child);
}

/** Returns the first of the attributes that is present and not empty. */
export function attribute(element: Element, ...names: string[]): string | undefined {
  return names.map((name) => element.attributes[name]).find(Boolean);
}
