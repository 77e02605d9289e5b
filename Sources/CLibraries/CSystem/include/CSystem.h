#pragma once
#include "guardian.h"
#include "http_client.h"
#include "http_server.h"
#include "pq.h"
#include "system_calls.h"
