/** One way to ask the server: typed by its own description, and errors as sentences for people. */
import createClient from 'openapi-fetch';
import { t } from '../i18n';
import type { paths } from './schema';
import type { Named, Span } from './types';

const WITHIN_MS = 20_000;
/** For what a language model writes, or a hundred questions are asked for. */
const PATIENT_MS = 120_000;

/** What the server refused, or could not be asked. `message` is a sentence to show. */
export class ApiError extends Error {
  constructor(
    /** 0 where the server was not reached. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly more: { claimed_by?: Named; facts?: Span[]; theirs?: unknown; retryAfter?: number } = {},
  ) {
    super(message);
  }

  /** The same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

let onSignedOut: () => void = () => undefined;

/** Sets what is called when the server no longer knows who asks. */
export function whenSignedOut(run: () => void): void {
  onSignedOut = run;
}

/** Fetches, for so long at most and until who asked lets go of it. */
const within = (ms: number) => (request: Request) => {
  const end = new AbortController();
  const stop = () => end.abort();
  for (const s of [request.signal, AbortSignal.timeout(ms)]) {
    if (s.aborted) stop();
    s.addEventListener('abort', stop);
  }
  return fetch(request, { signal: end.signal });
};

export const server = createClient<paths>({ credentials: 'same-origin', fetch: within(WITHIN_MS) });

/** The `fetch` of a request whose answer may take long. */
export const patient = within(PATIENT_MS);

/** What was asked for, or an ApiError. */
export async function got<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: Awaited<typeof asked>;
  try {
    answer = await asked;
  } catch {
    throw new ApiError(0, 'unreachable', t('error_unreachable'));
  }
  const { response, error } = answer;
  if (response.ok) return answer.data as T;
  const o = error && typeof error === 'object' ? (error as Record<string, unknown>) : {};
  const code = typeof o.code === 'string' ? o.code : '';
  if (response.status === 401 && code === 'signed_out') onSignedOut();
  const detail = typeof o.detail === 'string' && o.detail ? o.detail : t(response.status >= 500 ? 'error_server' : 'error_refused');
  throw new ApiError(response.status, code, detail, {
    ...(o as { claimed_by?: Named; facts?: Span[] }),
    retryAfter: Number(response.headers.get('Retry-After')) || 0,
  });
}
