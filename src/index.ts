/** The library: what tests and other programs may build on. Nothing here reads argv, installs handlers or exits. */
export { type ProxyOptions, type ProxyWithRules, type RunningProxy, startProxy } from './app/proxy.ts';
export {
  type Arming,
  type RuleSettings,
  RuleStore,
  type RuleStoreOptions,
  type StoredRule,
} from './app/rule-store.ts';
export { type CertificateAuthority, openAuthority } from './ca/authority.ts';
export {
  type MemoryAuthority,
  type MemoryAuthorityOptions,
  memoryAuthority,
} from './ca/memory-authority.ts';
export type { ProxyEvent } from './core/events.ts';
export { Problem, type ProblemCode } from './core/problem.ts';
export { compileRules } from './core/rules/compile.ts';
export type { RuleSet } from './core/rules/decision.ts';
export type { Counter, MemorySource, Notes, Tally } from './core/rules/memory-source.ts';
export { scenarios } from './core/scenarios/all.ts';
export { scenarioRules } from './core/scenarios/find-scenario.ts';
export type { Scenario, ScenarioPhase, ScenarioSource } from './core/scenarios/scenario.ts';
export { createMockApi, type MockApi, type MockOptions } from './mock/mock-api.ts';
export { EventBus } from './observe/bus.ts';
