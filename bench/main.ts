/** `npm run bench`: prepares the subjects, runs the scenarios, judges the gates, writes the report. */
import { judge, type Verdict } from './evaluate/judge.ts';
import { GATES, type Gate, gatesAgainstBefore, isTight } from './gates.ts';
import type { BenchContext } from './harness/bench-context.ts';
import { certificates } from './harness/certificates.ts';
import { machinery } from './harness/native.ts';
import { startUpstream } from './harness/upstream.ts';
import { runScenario, type ScenarioOutcome } from './measure/rounds.ts';
import type { Lab, Scenario, Subject } from './model.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { machineInfo } from './report/machine.ts';
import { gatesTable, scenarioTable } from './report/markdown.ts';
import { hotSpots, isOurs } from './report/profile.ts';
import { writeReport } from './report/write-report.ts';
import { SCENARIOS } from './scenarios.ts';
import { SUBJECTS } from './subjects/catalogue.ts';
import { beforeName, variantsBefore } from './subjects/product/subject.ts';

const BODY = JSON.stringify({
  type: 'error',
  error: { type: 'overloaded_error', message: 'Simulated error: Overloaded' },
  request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
});

function list(): string {
  const lines = (items: readonly { name: string; about: string }[]): string =>
    items.map(({ name, about }) => `  ${name.padEnd(18)}${about}`).join('\n');
  return `Scenarios\n${lines(SCENARIOS)}\n\nSubjects\n${lines(SUBJECTS)}\n`;
}

/** Installs and builds what the chosen subjects need; says why for those that cannot run here. */
async function prepare(lab: Lab, subjects: readonly Subject[]): Promise<Map<string, string>> {
  const unavailable = new Map<string, string>();
  for (const subject of subjects) {
    try {
      await subject.prepare(lab);
    } catch (error) {
      unavailable.set(subject.name, (error as Error).message);
      console.error(`${subject.name}: not run: ${(error as Error).message}`);
    }
  }
  return unavailable;
}

/** Subjects of the scenario's tight gates. */
function pairedSubjects(scenario: Scenario, gates: readonly Gate[]): Set<string> {
  const tight = gates.filter((gate) => gate.scenario === scenario.name && isTight(gate));
  return new Set(
    tight.flatMap(({ subject, versus }) => (versus === undefined ? [subject] : [subject, versus])),
  );
}

function printHotSpots({ scenario, readings }: ScenarioOutcome): void {
  for (const subject of readings.keys()) {
    const text = isOurs(subject) ? hotSpots(scenario.name, subject) : undefined;
    if (text !== undefined) console.log(`${text}\n`);
  }
}

function judgeAll(
  gates: readonly Gate[],
  outcomes: readonly ScenarioOutcome[],
  unavailable: ReadonlyMap<string, string>,
): Verdict[] {
  return gates.map((gate) => {
    const outcome = outcomes.find(({ scenario }) => scenario.name === gate.scenario);
    return judge(gate, outcome?.readings, new Map([...unavailable, ...(outcome?.missing ?? [])]));
  });
}

/** What can be run, and what it is held against: the issue's gates, or the product of another checkout. */
function programme({ before, instructions, subjects }: Options): {
  readonly scenarios: readonly Scenario[];
  readonly all: readonly Subject[];
  readonly gates: readonly Gate[];
} {
  const ofIssue = GATES.filter(({ metric }) => (metric === 'instructions') === instructions);
  if (before === undefined) return { scenarios: SCENARIOS, all: SUBJECTS, gates: ofIssue };
  const ours = (name: string): boolean => /^product/.test(name);
  const scenarios = SCENARIOS.filter((scenario) => scenario.subjects.some(ours)).map((scenario) => {
    const kept = subjects === undefined ? scenario.subjects.filter(ours) : scenario.subjects;
    return { ...scenario, subjects: [...kept, ...kept.filter(ours).map(beforeName)] };
  });
  const all = [...SUBJECTS, ...variantsBefore(before)];
  const gates = gatesAgainstBefore(scenarios, beforeName).filter(({ subject }) => !subject.includes('@'));
  return { scenarios, all, gates };
}

async function bench(options: Options): Promise<number> {
  const machine = machineInfo();
  const { scenarios, all, gates } = programme(options);
  const countable = new Set(gates.map(({ scenario }) => scenario));
  const chosen = scenarios.filter(
    ({ name }) => options.scenarios.includes(name) && (!options.instructions || countable.has(name)),
  );
  const wanted = all.filter(
    ({ name }) =>
      (options.subjects?.includes(name) ?? true) &&
      (!options.instructions || gates.some(({ subject, versus }) => subject === name || versus === name)) &&
      chosen.some(({ subjects }) => subjects.includes(name)),
  );
  const machines = machinery(options.native);
  if (machines.why) console.error(`Load generator and upstream in Node: ${machines.why}`);
  const pems = certificates();
  const upstream = await startUpstream(machines, pems);
  const outcomes: ScenarioOutcome[] = [];
  try {
    const lab = { upstream: upstream.ports, certificates: pems, body: BODY };
    const unavailable = await prepare(lab, wanted);
    const { seconds, warmSeconds, quick, profile, instructions } = options;
    const context: BenchContext = {
      lab,
      machinery: machines,
      upstreamPid: upstream.pid,
      seconds,
      warmSeconds,
      quick,
      profile,
      instructions,
    };
    for (const scenario of chosen) {
      console.error(`${scenario.name}: ${scenario.about}`);
      const subjects = wanted.filter(
        ({ name }) => scenario.subjects.includes(name) && !unavailable.has(name),
      );
      const outcome = await runScenario(
        context,
        { scenario, subjects, paired: pairedSubjects(scenario, gates) },
        options,
      );
      outcomes.push(outcome);
      console.log(`${scenarioTable(outcome)}\n`);
      if (profile) printHotSpots(outcome);
    }
    const verdicts = judgeAll(gates, outcomes, unavailable);
    const file = writeReport({
      machine,
      options,
      machinery: machines.kind + (machines.why ? ` (${machines.why})` : ''),
      subjects: wanted
        .filter(({ name }) => !unavailable.has(name))
        .map(({ name, about }) => ({ name, about })),
      unavailable: [...unavailable].map(([name, why]) => ({ name, why })),
      outcomes,
      verdicts,
    });
    const judged = verdicts.filter(({ gate }) => options.scenarios.includes(gate.scenario));
    console.log(`${gatesTable(judged)}\n\nWritten: ${file}`);
    return options.strict && verdicts.some(({ outcome }) => outcome === 'FAIL') ? 1 : 0;
  } finally {
    await upstream.end();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else if (options.list) console.log(list());
  else if (process.platform !== 'linux') throw new Error('The benchmark reads /proc and needs Linux.');
  else process.exitCode = await bench(options);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
