"""Power cuts, full disks, damaged files and jumping clocks: nothing acknowledged is lost, and nobody is deceived."""
