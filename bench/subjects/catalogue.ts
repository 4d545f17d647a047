/** All subjects, in the order in which reports list them. */
import type { Subject } from '../model.ts';
import { faultPlugins } from './fault-plugin/subject.ts';
import { bareNode, direct, rawInject, rawPipe } from './floors.ts';
import { goproxy } from './goproxy/subject.ts';
import { httpMitmProxy } from './http-mitm-proxy/subject.ts';
import { hudsucker } from './hudsucker/subject.ts';
import { mitmproxy } from './mitmproxy/subject.ts';
import { mockttp } from './mockttp/subject.ts';
import { productVariants } from './product/subject.ts';

export const SUBJECTS: readonly Subject[] = [
  direct,
  bareNode,
  rawPipe,
  rawInject,
  ...productVariants,
  ...faultPlugins,
  mockttp,
  httpMitmProxy,
  mitmproxy,
  goproxy,
  hudsucker,
];
