/* Forgets what was answered so far in this tab: here another observation begins, and nothing of the last one may pass
   into it unasked. */
import { takeStoredAnswers } from "./store-answers.js";

export function wake() {
  takeStoredAnswers();
}
