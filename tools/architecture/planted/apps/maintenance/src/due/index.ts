export const due = 1;
