/** What asking, golden questions and replays ask of the server. */
import { ApiError, got, server } from '../../../api/call';
import type { components } from '../../../api/schema';
import { t } from '../../../i18n';

type S = components['schemas'];
export type Article = S['GoldenArticle'];
export type Message = S['GoldenMessage'];
export type Golden = S['GoldenQuestion'];
export type Verdict = Golden['verdict'];
export type Report = S['GoldenReport'];
export type Passage = S['GoldenPassage'];
export type Sentence = S['GoldenSentence'];
export type Playing = S['GoldenPlaying'];
export type Proposal = S['GoldenProposal'];
export type Replay = S['GoldenReplay'];
export type Scores = S['GoldenScores'];
export type Change = S['GoldenChange'];
export type Result = S['GoldenResult'];
export type Pairing = S['GoldenPairing'];
export type Line = S['AskLine'];
export interface LineError {
  line: number;
  text: string;
}

export interface Asked {
  question: string;
  locale: string;
  history: Message[];
  signed_in: boolean;
  drafts: string[];
  model: boolean;
}

export interface GoldenBody {
  question: string;
  locale: string;
  history: Message[];
  verdict: Verdict;
  articles: string[];
  note: string;
  signed_in: boolean;
}

export interface GoldenQuery {
  q: string;
  verdict: string;
  locale: string;
  result: string;
  limit: number;
  offset: number;
}

const full = <T extends object>(q: T) => Object.fromEntries(Object.entries(q).filter(([, v]) => v !== '')) as never;

export function knowledge(site: string) {
  const at = { params: { path: { site } } };
  const of = (id: string) => ({ params: { path: { site, id } } });
  return {
    asking: () => got(server.GET('/v1/console/sites/{site}/ask', at)),
    search: (q: string) => got(server.GET('/v1/console/sites/{site}/articles/search', { params: { path: { site }, query: { q } } })),
    list: (q: GoldenQuery) => got(server.GET('/v1/console/sites/{site}/golden', { params: { path: { site }, query: full(q) } })),
    one: (id: string) => got(server.GET('/v1/console/sites/{site}/golden/{id}', of(id))),
    make: (body: GoldenBody) => got(server.POST('/v1/console/sites/{site}/golden', { ...at, body })),
    change: (id: string, body: GoldenBody) => got(server.PUT('/v1/console/sites/{site}/golden/{id}', { ...of(id), body })),
    drop: (id: string) => got(server.DELETE('/v1/console/sites/{site}/golden/{id}', of(id))),
    take: (text: string) => got(server.POST('/v1/console/sites/{site}/golden/file', { ...at, body: { text } })),
    file: `/v1/console/sites/${encodeURIComponent(site)}/golden/file`,
    proposals: () => got(server.GET('/v1/console/sites/{site}/golden/proposals', at)),
    replays: (limit: number, offset: number) => got(server.GET('/v1/console/sites/{site}/replays', { params: { path: { site }, query: { limit, offset } } })),
    start: (body: { golden: boolean; past: number; model: boolean; budget_micros: number }) => got(server.POST('/v1/console/sites/{site}/replays', { ...at, body })),
    replay: (id: string, against: string) =>
      got(server.GET('/v1/console/sites/{site}/replays/{id}', { params: { path: { site, id }, query: full({ against }) } })),
    results: (id: string, query: { against: string; show: string; kind: string; verdict: string; q: string; limit: number; offset: number }) =>
      got(server.GET('/v1/console/sites/{site}/replays/{id}/results', { params: { path: { site, id }, query: full(query) } })),
    cancel: (id: string) => got(server.POST('/v1/console/sites/{site}/replays/{id}/cancel', of(id))),
    ask: (body: Asked, signal: AbortSignal, each: (line: Line) => void) => ask(site, body, signal, each),
  };
}

/** Asks, and tells of each line as it comes; what it gives is the report. The answer may take longer than other requests. */
async function ask(site: string, body: Asked, signal: AbortSignal, each: (line: Line) => void): Promise<Report> {
  const stream = await got(
    server.POST('/v1/console/sites/{site}/ask', {
      params: { path: { site } },
      body,
      signal,
      parseAs: 'stream',
      fetch: (r: Request) => fetch(r),
    }),
  );
  let report: Report | undefined;
  for await (const line of lines(stream as unknown as ReadableStream<Uint8Array>)) {
    if (line.type === 'failed') throw new ApiError(503, line.code ?? '', line.detail ?? t('error_server'));
    if (line.type === 'end') report = line.report;
    else each(line);
  }
  if (!report) throw new ApiError(0, 'unreachable', t('error_unreachable'));
  return report;
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const reader = stream.getReader();
  const words = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? words.decode() : words.decode(value, { stream: true });
    const whole = rest.split('\n');
    rest = done ? '' : whole.pop()!;
    for (const l of whole) if (l.trim()) yield JSON.parse(l) as Line;
    if (done) return;
  }
}
