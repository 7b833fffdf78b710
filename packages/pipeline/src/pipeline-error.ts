/**
 * The type of a mistake. No value has it: the type argument is the sentence the user reads in the editor, the same that is
 * thrown at run time.
 *
 * @example
 * type NotReady = PipelineError<'not ready: still needs .optimize(optimizer)'>;
 */
export interface PipelineError<Sentence extends string> {
  readonly __pipelineError__: Sentence;
}
