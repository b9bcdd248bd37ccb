-- Random numbers and calendar helpers of the demo. A draw depends on the row's number, a salt and the seed alone, never
-- on threads or order. Variables set by generate.py: seed, clinics, rooms (sets of rooms in a clinic), demand,
-- first_day, last_day.

CREATE MACRO rnd(id, salt) AS
    (hash(xor(hash(id), hash(salt || getvariable('seed')::VARCHAR))) >> 11)::DOUBLE / 9007199254740992.0;

-- A whole number from 0 to n - 1.
CREATE MACRO pick(id, salt, n) AS floor(rnd(id, salt) * n)::INTEGER;

CREATE MACRO first_day() AS getvariable('first_day')::DATE;
CREATE MACRO final_day() AS getvariable('last_day')::DATE;

-- The day whose file brings a row written at `moment`: the first export holds everything older.
CREATE MACRO export_day(moment) AS greatest(moment::DATE, first_day());

-- Days by which a late row is entered after its event: 0 for most, 1 to 5 for `share` of them.
CREATE MACRO late_days(id, salt, share) AS
    CASE WHEN rnd(id, salt) < share THEN 1 + pick(id, salt || '+', 5) ELSE 0 END;

CREATE MACRO at_minute(day, minute_of_day) AS day::TIMESTAMP + to_minutes((minute_of_day)::BIGINT);

-- Kopecks times a percentage, half up (all demo percentages are of positive amounts).
CREATE MACRO percent_of(kopecks, percent) AS ((kopecks)::BIGINT * (percent)::BIGINT + 50) // 100;

CREATE TABLE calendar AS
SELECT
    day::DATE AS day,
    isodow(day)::INTEGER AS weekday,
    [0.80, 1.00, 1.10, 1.05, 0.90, 0.95, 0.80, 0.80, 1.10, 1.15, 1.10, 0.95][month(day)] AS season,
    [1.10, 1.00, 1.00, 1.02, 0.90, 1.15, 0.80][isodow(day)] AS weekday_weight,
    strftime(day, '%m-%d') IN ('01-01', '01-02', '01-07', '02-23', '03-08', '05-01', '05-09', '06-12', '11-04')
        AS is_holiday,
    strftime(day, '%m-%d') IN ('01-03', '01-04', '01-05', '01-06', '01-08', '12-31') AS is_short
FROM generate_series(first_day(), final_day() + 30, INTERVAL 1 DAY) AS days (day);
