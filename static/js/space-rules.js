// The plain rules of a row, checked at once while it is typed. The server checks all of them again, and the rest.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * @param {{name: string, type: string, low: string, high: string, log: boolean, step: string}} row as typed
 * @param {string[]} before the names of the rows above
 * @returns {Record<string, string>} column → sentence; only what is surely wrong, so an empty control is no error yet
 */
export function plainErrors(row, before) {
  const errors = {};
  if (row.name && before.includes(row.name)) errors.name = `${row.name} stands in a row above already: remove one of the two.`;
  if (row.type === "categorical" || row.type === "coupled") return errors;
  const numbers = {};
  for (const column of ["low", "high", "step"]) {
    const text = row[column].trim();
    if (!text) continue;
    if (!NUMBER.test(text)) errors[column] = `${column} must be a number.`;
    else if (row.type === "int" && !Number.isInteger(Number(text))) errors[column] = `${column} must be a whole number in an int row.`;
    else numbers[column] = Number(text);
  }
  const { low, high, step } = numbers;
  if (row.log && low !== undefined && low <= 0) errors.low = `A log scale needs low above 0, not ${low}.`;
  if (low !== undefined && high !== undefined && low > high) errors.high = `high ${high} is below low ${low}: swap them.`;
  if (step !== undefined && step <= 0) errors.step = "step must be above 0.";
  else if (step !== undefined && row.log && !(row.type === "int" && step === 1))
    errors.step = "A log scale takes no step: clear one of the two.";
  return errors;
}
