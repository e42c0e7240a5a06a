export const simulator = 1;
