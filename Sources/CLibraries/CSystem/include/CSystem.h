#pragma once
#include "guardian.h"
#include "system_calls.h"
