const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that stays text inside an element and inside a quoted attribute. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** JSON that stays JSON inside a script element: nothing in it can end the element or begin a comment. */
export function scriptText(json: string): string {
  return json.replaceAll('<', '\\u003c')
}
