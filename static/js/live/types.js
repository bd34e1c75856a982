// The live contract between server and page, as types for the editor and the type check. No code.

/**
 * @typedef {number|"nan"|"inf"|"-inf"} Figure a number as JSON carries it
 * @typedef {"draft"|"queued"|"running"|"paused"|"complete"|"fail"|"cancelled"} SweepStateWord
 * @typedef {"waiting"|"running"|"complete"|"pruned"|"fail"|"cancelled"} TrialStateWord
 *
 * @typedef {object} SweepState
 * @property {string} id
 * @property {SweepStateWord} state
 * @property {"run"|"pause"|"stop"|"cancel"} wanted
 * @property {Record<TrialStateWord, number>} counts
 * @property {number} counted trials that count towards n_trials
 * @property {number} n_trials
 * @property {{number: number, value: Figure, params: Record<string, unknown>}|null} best
 * @property {number[]} pareto the best trials, where there are several objectives
 * @property {string|null} started_at ISO, UTC
 * @property {string|null} finished_at ISO, UTC
 * @property {number|null} elapsed_s
 * @property {number|null} remaining_s
 * @property {string} failure_code
 * @property {string} failure_message
 * @property {number} position
 * @property {{number: number, bytes: number, url: string}|null} model
 * @property {string} waiting_reason
 * @property {boolean} archived
 * @property {number} space_version
 *
 * @typedef {{step: number, params: Record<string, unknown>, copied: number|null}} ParamsChange
 *
 * @typedef {object} TrialRow
 * @property {number} number
 * @property {TrialStateWord} state
 * @property {Record<string, unknown>|null} params
 * @property {Figure|null} value
 * @property {Figure[]} values one per objective
 * @property {number|null} duration_s
 * @property {string|null} started_at
 * @property {number} attempt
 * @property {""|"stop"|"prune"|"checkpoint"} [order] what a person wants of it
 * @property {boolean} [stopped] it ended so
 * @property {string} runner
 * @property {string} failure_code
 * @property {string} failure_message
 * @property {ParamsChange[]} [changes] of the parameters, while it trained
 * @property {[number, number|null, Figure][]} [intermediate] [step, epoch, value]
 *
 * @typedef {object} Points metrics logged since the last message, as columns
 * @property {number} number
 * @property {number} attempt
 * @property {number[]} step
 * @property {(number|null)[]} epoch
 * @property {number[]} t seconds on the job's clock; only differences tell something
 * @property {Record<string, (Figure|null)[]>} values
 *
 * @typedef {{step: number[], epoch: (number|null)[], t: number[], value: Figure[]}} Curve
 * @typedef {Curve & {attempt: number}} AttemptCurve
 * @typedef {{t: number, number: number|null, stream: string, text: string}} LogLine
 *
 * @typedef {object} Snapshot
 * @property {number} position
 * @property {SweepState} sweep
 * @property {TrialRow[]} trials
 * @property {Record<string, Record<string, Curve>>} curves of some trials; of them all metrics, or the first of `metrics`
 * @property {string[]} metrics
 * @property {LogLine[]} logs
 *
 * @typedef {object} FrameJson every trial as columns; see sweeps/queries/frame.py
 * @property {number} position
 * @property {string[]} states
 * @property {number[]} number
 * @property {number[]} state
 * @property {{name: string, direction: string, values: (number|null)[]}[]} objectives
 * @property {{name: string, kind: "number"|"choice", log: boolean, choices: unknown[]|null, values: (number|null)[]}[]} params
 * @property {(number|null)[]} duration
 * @property {(number|null)[]} started
 * @property {number|null} start seconds since 1970 that `started` counts from
 * @property {string[]} runners
 * @property {(number|null)[]} runner
 * @property {number[]} version
 * @property {{number: number[], value: number[]}} [reported]
 *
 * @typedef {object} ChangesMessage
 * @property {"changes"} type
 * @property {number} from
 * @property {number} position
 * @property {SweepState} [sweep]
 * @property {TrialRow[]} [trials]
 * @property {Points[]} [points]
 * @property {LogLine[]} [logs]
 *
 * @typedef {object} Change what a message or snapshot changed
 * @property {boolean} all everything may have changed: a snapshot was loaded
 * @property {boolean} sweep
 * @property {Set<number>} trials numbers of rows that changed
 * @property {Set<number>} curves numbers of trials whose curves changed
 * @property {LogLine[]} logs lines that were added (all known lines when `all`)
 *
 * @typedef {"connecting"|"live"|"reconnecting"|"offline"|"gone"|"login"} LinkWord
 */

export {};
