// What the scripted server knows of each page of Knowledge: what stands in it after a reset, and how
// it answers. A room that does not know an address says undefined; null is an answer without a body.
import * as articles from './articles.mjs';
import * as ask from './ask.mjs';
import * as gaps from './gaps.mjs';
import * as imports from './import.mjs';
import * as insight from './insight.mjs';

export const ROOMS = [articles, gaps, ask, imports, insight];
