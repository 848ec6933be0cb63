/**
 * Whether an `Accept` header asks for a page rather than JSON. A browser names `text/html`; a program names JSON, or
 * anything, or nothing, and gets JSON.
 */
export function wantsPage(accept: string | undefined): boolean {
  const qualities = readAccept(accept ?? '');
  const page = qualities.get('text/html') ?? 0;
  return page > 0 && page > (qualities.get('application/json') ?? 0);
}

/** Media ranges with their quality, 1 where none is given; RFC 9110 section 12.5.1. */
function readAccept(accept: string): Map<string, number> {
  return new Map(
    accept.split(',').map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return [type, quality === undefined ? 1 : Number(quality.slice(2)) || 0];
    }),
  );
}
