/** Gaps: what the knowledge base did not answer, and what closes it. */
import type { TabProps } from '../page';
import { GapPage } from './gap';
import { GapList } from './list';

export function GapsPage({ site, id, query }: TabProps) {
  return id ? <GapPage key={id} site={site} id={id} /> : <GapList site={site} query={query} />;
}
