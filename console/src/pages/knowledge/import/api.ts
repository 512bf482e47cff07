/** What the pages of imports ask of the server. */
import { ApiError, got, server } from '../../../api/call';
import type { components } from '../../../api/schema';
import { t } from './words';

type S = components['schemas'];
export type Run = S['ImportRun'];
export type Counts = S['ImportCounts'];
export type Item = S['ImportItem'];
export type ItemState = Item['state'];
export type Text = S['ImportText'];
export type Source = S['ImportSource'];
export type SourceKind = Source['kind'];

/** The most of an upload; the server refuses more. */
export const MOST_BYTES = 64 * 1024 * 1024;
export const MOST_FILES = 500;
export const ACCEPTED = ['.md', '.markdown', '.html', '.htm', '.csv', '.tsv', '.jsonl', '.ndjson', '.zip'];

/** States in which something goes on by itself. */
export const AT_WORK: readonly Run['state'][] = ['reading', 'applying', 'undoing'];
export const WAITS: readonly Run['state'][] = ['asking', 'ready', 'stopped'];

export interface ItemQuery {
  state?: string;
  outcome?: string;
  q?: string;
  limit: number;
  offset: number;
}

const filled = (o: object) => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== '' && v !== undefined));

export function importsOf(site: string) {
  const path = { site };
  const at = (id: string) => ({ params: { path: { site, id } } });
  return {
    list: (limit: number, offset: number) => got(server.GET('/v1/console/sites/{site}/imports', { params: { path, query: { limit, offset } } })),
    run: (id: string) => got(server.GET('/v1/console/sites/{site}/imports/{id}', at(id))),
    items: (id: string, q: ItemQuery) => got(server.GET('/v1/console/sites/{site}/imports/{id}/items', { params: { path: { site, id }, query: filled(q) } })),
    item: (id: string, n: number) => got(server.GET('/v1/console/sites/{site}/imports/{id}/items/{n}', { params: { path: { site, id, n } } })),
    columns: (id: string, body: S['ImportColumnsInputBody']) => got(server.POST('/v1/console/sites/{site}/imports/{id}/columns', { ...at(id), body })),
    choose: (id: string, body: S['ChooseImportItemsInputBody']) => got(server.POST('/v1/console/sites/{site}/imports/{id}/choose', { ...at(id), body })),
    apply: (id: string) => got(server.POST('/v1/console/sites/{site}/imports/{id}/apply', at(id))),
    cancel: (id: string) => got(server.POST('/v1/console/sites/{site}/imports/{id}/cancel', at(id))),
    undo: (id: string) => got(server.POST('/v1/console/sites/{site}/imports/{id}/undo', at(id))),
    sources: () => got(server.GET('/v1/console/sites/{site}/import-sources', { params: { path } })),
    addSource: (body: S['AddImportSourceInputBody']) => got(server.POST('/v1/console/sites/{site}/import-sources', { params: { path }, body })),
    changeSource: (id: string, body: S['ImportSourceChange']) => got(server.PATCH('/v1/console/sites/{site}/import-sources/{id}', { ...at(id), body })),
    readSource: (id: string) => got(server.POST('/v1/console/sites/{site}/import-sources/{id}/read', at(id))),
    removeSource: (id: string, articles: 'keep' | 'unpublish') =>
      got(server.DELETE('/v1/console/sites/{site}/import-sources/{id}', { params: { path: { site, id }, query: { articles } } })),
  };
}

/** Hands files in; `progress` is told the part that has left, 0 to 1. Only XMLHttpRequest tells of it. */
export function upload(site: string, files: readonly File[], progress: (part: number) => void, stop: AbortSignal): Promise<Run> {
  const form = new FormData();
  for (const f of files) form.append('file', f, f.name);
  const ask = new XMLHttpRequest();
  const answer = new Promise<Response>((done, fail) => {
    ask.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    ask.onload = () => done(new Response(ask.responseText, { status: ask.status }));
    ask.onerror = fail;
    ask.onabort = fail;
  });
  stop.addEventListener('abort', () => ask.abort());
  ask.open('POST', `/v1/console/sites/${encodeURIComponent(site)}/imports`);
  ask.send(form);
  return got<Run>(
    answer.then(async (response) => {
      const body: unknown = await response.json().catch(() => undefined);
      return response.ok ? { data: body as Run, response } : { error: body, response };
    }),
  );
}

/** Why files cannot be handed in, as a sentence; undefined where they can. */
export function unfit(files: readonly File[]): string | undefined {
  if (files.length === 0) return undefined;
  if (files.length > MOST_FILES) return t('too_many_files', { n: MOST_FILES });
  const bytes = files.reduce((n, f) => n + f.size, 0);
  if (bytes > MOST_BYTES) return t('too_large', { mb: Math.ceil(bytes / 1024 / 1024) });
  if (bytes === 0) return t('empty_file');
  const other = files.find((f) => !ACCEPTED.some((e) => f.name.toLowerCase().endsWith(e)));
  return other && t('unknown_kind', { name: other.name });
}

export { ApiError };
