"""boto 2's rule of trim_snapshots, written anew, on times read from a file.

Around the target times (the last hours, midnights, Sundays and firsts of months) the oldest snapshot of
each span between two of them stays, and the newest of all. A line of the file is a snapshot: the number of its
volume and its time in whole seconds. Prints the seconds that the rule took and how many snapshots it keeps.
"""

import sys
import time
from datetime import datetime, timedelta, timezone


def target_times(now, hourly=8, daily=7, weekly=4):
    hour = now.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    sunday = midnight - timedelta(days=(now.weekday() + 1) % 7)
    targets = {hour - timedelta(hours=count) for count in range(hourly)}
    targets |= {midnight - timedelta(days=count) for count in range(daily)}
    targets |= {sunday - timedelta(weeks=count) for count in range(weekly)}
    month = midnight.replace(day=1)
    while month.year >= 2007:
        targets.add(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return sorted(target.timestamp() for target in targets)


def kept(times, targets):
    """How many of a volume's snapshots stay."""
    count = 1
    period = 0
    is_taken = False
    for moment in times[:-1]:
        while period < len(targets) and moment >= targets[period]:
            period += 1
            is_taken = False
        if period == len(targets) or not is_taken:
            count += 1
            is_taken = True
    return count


with open(sys.argv[1]) as file:
    snapshots = [tuple(int(word) for word in line.split()) for line in file]
start = time.perf_counter()
now = datetime.fromtimestamp(max(moment for _, moment in snapshots) + 86400, timezone.utc)
targets = target_times(now)
volumes = {}
for volume, moment in sorted(snapshots, key=lambda snapshot: snapshot[1]):
    volumes.setdefault(volume, []).append(moment)
total = sum(kept(times, targets) for times in volumes.values())
print(time.perf_counter() - start, total)
