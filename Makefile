# Each target is one call of tasks.py, which needs only Python 3.11 or newer; options go into ARGS: make lab ARGS="--port 9000".
PYTHON ?= python3

.PHONY: env reports check test beside test-slow test-long mutation test-browser test-engines course course-wheels lab docs bench coverage truth clean
env reports check test beside test-slow test-long mutation test-browser test-engines course course-wheels lab docs bench coverage truth clean:
	@$(PYTHON) tasks.py $@ $(ARGS)
