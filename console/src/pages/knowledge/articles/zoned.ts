/** Days and times on the clock of the shop, wherever the browser is. */

/** How far a zone is ahead of UTC at that moment, in milliseconds. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(at);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute'), n('second')) - Math.floor(at / 1000) * 1000;
}

/**
 * The moment that the shop's clock shows `day` (2026-01-31) and `time` (09:30); of two such moments,
 * as in autumn, the first. Undefined where the clock never shows it, as in spring, or where either is no such thing.
 */
export function moment(day: string, time: string, zone: string): Date | undefined {
  const wall = Date.parse(`${day}T${time}:00Z`);
  if (Number.isNaN(wall)) return undefined;
  // A day covers every change of the clock.
  const found = [wall - 86_400_000, wall + 86_400_000]
    .map((near) => wall - ahead(near, zone))
    .filter((at) => at + ahead(at, zone) === wall)
    .sort((a, b) => a - b);
  return found.length ? new Date(found[0]!) : undefined;
}

/** What the shop's clock shows at a moment: `{day: '2026-01-31', time: '09:30'}`. */
export function onClock(at: Date, zone: string): { day: string; time: string } {
  const iso = new Date(at.getTime() + ahead(at.getTime(), zone)).toISOString();
  return { day: iso.slice(0, 10), time: iso.slice(11, 16) };
}

/** "Tuesday, 3 February 2026 at 09:30 (Europe/Berlin)". */
export function inWords(iso: string, zone: string, language: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return `${new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone: zone }).format(at)} (${zone.replaceAll('_', ' ')})`;
}
