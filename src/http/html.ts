/** Markup that is safe to write as it is. */
export class Html {
  constructor(readonly text: string) {}
}

type Fragment = Html | string | number | null | readonly Html[];

/** Template tag for markup: every value is escaped unless it is markup itself, so that data can never become any. */
export function html(parts: TemplateStringsArray, ...values: Fragment[]): Html {
  return new Html(parts.reduce((text, part, index) => text + toText(values[index - 1] ?? null) + part));
}

function toText(value: Fragment): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((item) => item.text).join('');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
