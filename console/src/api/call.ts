/** One way to ask the server: typed by its own description, and errors as sentences for people. */
import createClient from 'openapi-fetch';
import { t } from '../i18n';
import type { paths } from './schema';
import type { Named, Span } from './types';

const WITHIN = 20_000;

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

export const server = createClient<paths>({
  credentials: 'same-origin',
  fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(WITHIN) }),
});

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
