/** What the page asks, a few things at a time: figures take the server some work. */
import { got, server } from '../../../api/call';
import type { components } from '../../../api/schema';

export type Plot = components['schemas']['Figures']['plot'] & ('outcomes' | 'topics' | 'confidence' | 'first_answer' | 'wait' | 'drafts' | 'edits' | 'cost' | 'ratings' | 'articles');
export type Figures = components['schemas']['Figures'];
export type Series = components['schemas']['Series'];
export type Measure = components['schemas']['Measure'];
export type Found = components['schemas']['Found'];

/** Which days, in which steps, of whom. */
export interface Range {
  from: string;
  to: string;
  by: 'day' | 'week';
  language: string;
}

const AT_ONCE = 3;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running++;
  try {
    return await ask();
  } finally {
    running--;
    waiting.shift()?.();
  }
}

const asked = (r: Range) => ({ from: r.from, to: r.to, by: r.by, ...(r.language && { language: r.language }) });

export const about = (site: string) => got(server.GET('/v1/console/sites/{site}/insight', { params: { path: { site } } }));

export const figures = (site: string, plot: Plot, r: Range) =>
  inTurn(() => got(server.GET('/v1/console/sites/{site}/insight/{plot}', { params: { path: { site, plot }, query: asked(r) } })));

export const behind = (site: string, plot: Plot, r: Range, point: { series: string; at: string; as_of: string }, limit: number, offset: number) =>
  got(
    server.GET('/v1/console/sites/{site}/insight/{plot}/conversations', {
      params: { path: { site, plot }, query: { ...asked(r), series: point.series, ...(point.at && { at: point.at }), ...(point.as_of && { as_of: point.as_of }), limit, offset } },
    }),
  );

export const csvAddress = (site: string, plot: Plot, r: Range) =>
  `/v1/console/sites/${encodeURIComponent(site)}/insight/${plot}/csv?${new URLSearchParams(asked(r)).toString()}`;
