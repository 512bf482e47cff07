/** What was noted when an article was drafted, until the page is reloaded: an author looks at it first. */
import type { Flag } from './types';

export const noted = new Map<string, readonly Flag[]>();
