-- Wrong PINs in a row of a phone on a number; a right one ends the row.
CREATE TABLE pin_streaks (
    number INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (number, phone)
) STRICT, WITHOUT ROWID;
