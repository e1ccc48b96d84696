"""Cloud Custodian's `custodian`, in the lab's time: what sleeps, sleeps as many times shorter as its clock is faster.

    custodian.py SPEED ARGUMENTS
"""

import sys
import time

speed = float(sys.argv.pop(1))
sleep = time.sleep
time.sleep = lambda seconds: sleep(seconds / speed)

from c7n.cli import main

main()
