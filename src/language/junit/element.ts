/** An element of a JUnit file with what is kept of it. */
export interface Element {
  name: string;
  attributes: Record<string, string>;
  /** At most `maxText` characters. */
  text: string;
  /** At most `maxChildren` elements. */
  children: Element[];
}

/** Characters of a message that are kept: far more than a reader of an answer can use. */
export const maxText = 4000;
const maxChildren = 100;

/** Adds text to an element, up to the limit. */
export function addText(element: Element, text: string): void {
  if (element.text.length < maxText) element.text = (element.text + text).slice(0, maxText);
}

/** Adds an element to the one around it, up to the limit. */
export function addChild(parent: Element, child: Element): void {
  if (parent.children.length < maxChildren) parent.children.push(child);
}

/** The first of some attributes that is there and not empty. */
export function attribute(element: Element, ...names: string[]): string | undefined {
  return names.map((name) => element.attributes[name]).find(Boolean);
}
