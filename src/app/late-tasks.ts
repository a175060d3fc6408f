/**
 * Tasks as the public API finds them: their code is compiled by the first of them (.ci/build.mjs names the door).
 */
import { errorTypeOf } from '../capture/hop/error-type.ts'
import type { UnitEnds } from '../context/request-unit.ts'
import { NO_UNIT_ENDS } from '../record/work-unit.ts'
import type { Tasks } from '../tasks/task-face.ts'
import { createTasks, type TasksOptions } from '../tasks/tasks.ts'

export interface LateTasksOptions extends Omit<TasksOptions, 'units' | 'errorTypeOf'> {
  /** `undefined`: nobody keeps anything. */
  readonly units: UnitEnds | undefined
}

export function lateTasks({ units = NO_UNIT_ENDS, ...parts }: LateTasksOptions): Tasks {
  let made: Tasks | undefined
  const whole = (): Tasks => (made ??= createTasks({ ...parts, units, errorTypeOf }))
  return {
    task: (goal, options, fn) => whole().task(goal, options, fn),
    to: (goal, options, fn) => whole().to(goal, options, fn),
    importTask: (imported, options, fn) => whole().importTask(imported, options, fn),
    startTask: (goal, options) => whole().startTask(goal, options),
    // Without a task there was none.
    currentTask: () => made?.currentTask(),
    wrap: (fn) => whole().wrap(fn),
    settle: () => made?.settle(),
  }
}
