export const locks = 1;
